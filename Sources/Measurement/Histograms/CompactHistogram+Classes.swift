extension CompactHistogram {
    /// Classes of durations of which two make an octave: coarse enough for the eye. Their numbers by class, ascending, without empty ends.
    package var halfOctaves: [(index: Int, count: UInt64)] {
        var classes: [(index: Int, count: UInt64)] = []
        for (nanoseconds, count) in middles where count > 0 {
            let index = Self.halfOctave(of: nanoseconds)
            if classes.last?.index == index {
                classes[classes.count - 1].count += count
            } else {
                classes.append((index, count))
            }
        }
        return classes
    }

    /// Where a class begins, in nanoseconds: the even ones at powers of two, the others at half of the octave's width.
    package static func start(ofHalfOctave index: Int) -> Double {
        let octave = Double(UInt64(1) << UInt64(index / 2))
        return index.isMultiple(of: 2) ? octave : octave * 1.5
    }

    private static func halfOctave(of nanoseconds: UInt64) -> Int {
        guard nanoseconds > 0 else { return 0 }
        let octave = 63 - nanoseconds.leadingZeroBitCount
        // A power of two has no lower half.
        guard octave > 0 else { return 0 }
        return octave * 2 + Int(nanoseconds >> UInt64(octave - 1) & 1)
    }
}
