import Measurement

/// How a simulation's clients go about their work, each from 0 to 1. A seed chooses it for its run, so that in some runs
/// what is rare elsewhere happens all the time, and meets what else is rare.
struct ClientHabits: Hashable {
    /// How many of the works are cancelled on the way.
    let cancels: Double
    /// How many of the limits are so short that they are exceeded.
    let hurries: Double
    /// How many of a body's steps are followed by the next even if they fail.
    let tolerates: Double

    init(_ random: inout SplitMix64) {
        func rate(_ usual: Double, _ often: Double) -> Double {
            Int.random(in: 0..<4, using: &random) == 0 ? often : usual
        }
        cancels = rate(0.1, 0.5)
        hurries = rate(0.25, 0.6)
        tolerates = rate(0.03, 0.4)
    }
}
