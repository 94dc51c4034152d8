/// The level of a load over time, in straight pieces: users, or operations a second. A plain value.
package struct LevelCurve: Sendable, Hashable {
    private struct Piece: Sendable, Hashable {
        /// In seconds.
        var start, length: Double
        var from, to: Double
        /// The area under the curve before the piece.
        var before: Double

        var area: Double { (from + to) / 2 * length }

        func level(_ time: Double) -> Double { from + (to - from) * (time - start) / length }
    }

    private var pieces: [Piece] = []

    /// The same level for a time.
    package init(level: Double, length: Duration) {
        self.init([(length, level, level)])
    }

    package init(_ stages: [StageDefinition]) {
        self.init(stages.map { ($0.length, $0.from, $0.to) })
    }

    private init(_ stages: [(length: Duration, from: Double, to: Double)]) {
        var start = 0.0, area = 0.0
        for stage in stages where stage.length > .zero {
            let piece = Piece(
                start: start, length: stage.length / .seconds(1), from: max(0, stage.from), to: max(0, stage.to),
                before: area)
            pieces.append(piece)
            start += piece.length
            area += piece.area
        }
    }

    package var length: Duration { .seconds(end) }

    private var end: Double { pieces.last.map { $0.start + $0.length } ?? 0 }

    /// The area under the whole curve: with a rate, how many operations come on average.
    package var area: Double { pieces.last.map { $0.before + $0.area } ?? 0 }

    /// The level at a moment; 0 outside of the curve.
    package func level(at moment: Duration) -> Double {
        let time = moment / .seconds(1)
        guard time >= 0, let piece = pieces.first(where: { time < $0.start + $0.length }) else { return 0 }
        return piece.level(time)
    }

    /// The moment at which the area under the curve reaches a size; nil where it never does.
    ///
    /// This is how a process of even or random gaps is given a rate that changes: its own time is the area, and this is the
    /// inverse (Çinlar, "Introduction to Stochastic Processes", 1975; inversion of the cumulative rate).
    package func moment(ofArea wanted: Double) -> Duration? {
        guard wanted >= 0, let piece = pieces.first(where: { wanted < $0.before + $0.area }) else { return nil }
        let rest = wanted - piece.before
        let slope = (piece.to - piece.from) / piece.length
        // rest = from·t + slope/2·t²; in the form that divides by no small difference.
        let root = (piece.from * piece.from + 2 * slope * rest).squareRoot()
        let time = rest == 0 && piece.from == 0 ? 0 : 2 * rest / (piece.from + root)
        return .nanoseconds(Int64(((piece.start + min(time, piece.length)) * 1e9).rounded()))
    }
}
