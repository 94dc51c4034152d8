/// Finds what was probably meant.
enum NearestKey {
    /// The key with the fewest letters to change, add, remove or swap; of several the first.
    static func nearest(to wrong: String, in keys: [String]) -> String? {
        let letters = Array(wrong.lowercased())
        return keys.min { distance(letters, Array($0.lowercased())) < distance(letters, Array($1.lowercased())) }
    }

    /// The optimal string alignment distance: a swap of neighbours counts as one.
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var row = [i + 1]
            for (j, other) in b.enumerated() {
                var best = min(last[j] + (letter == other ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, letter == b[j - 1], other == a[i - 1] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
