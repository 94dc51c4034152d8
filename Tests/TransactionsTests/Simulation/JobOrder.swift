import Measurement

/// In which order a simulation runs the jobs that are ready. A seed chooses it for its run.
///
/// With any order at any time the odds are against a task that goes on for long while another one, which is ready too,
/// does not: so some runs mostly go on with the newest job, which is what the last one has led to, or with the oldest.
struct JobOrder: Hashable {
    enum Preference: CaseIterable {
        case none, newest, oldest
    }

    let preference: Preference
    /// How often it is followed, from 0 to 1.
    let rate: Double

    init(_ random: inout SplitMix64) {
        preference = Preference.allCases.randomElement(using: &random) ?? .none
        rate = [0.5, 0.8, 0.95].randomElement(using: &random) ?? 0.8
    }

    func next(of count: Int, _ random: inout SplitMix64) -> Int {
        if preference != .none, Double.random(in: 0..<1, using: &random) < rate {
            return preference == .newest ? count - 1 : 0
        }
        return Int.random(in: 0..<count, using: &random)
    }
}
