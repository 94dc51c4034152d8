import Measurement

/// How often what goes wrong, each from 0 to 1. A seed chooses which faults there are in its run at all.
struct FaultRates: Hashable {
    /// The process dies within a call to a store.
    var crash = 0.0
    var recordsBusy = 0.0
    var recordsUnavailable = 0.0
    /// A statement fails, and the transaction goes on.
    var recordsStatement = 0.0
    /// SQLite rolls the whole transaction back.
    var recordsRollback = 0.0
    var sealFails = 0.0
    var decideFails = 0.0
    var decideUnknown = 0.0
    var graphBegin = 0.0
    var graphStatement = 0.0
    var graphCommitBefore = 0.0
    var graphCommitAfter = 0.0
    /// The engine itself fails within its commit.
    var graphFails = 0.0
    /// Requests to Redis that never arrive.
    var redisBefore = 0.0
    /// Requests whose reply gets lost.
    var redisAfter = 0.0
    /// Requests that arrive long after they were given up.
    var redisLate = 0.0
    /// What happens to the server: each is tried once in some milliseconds.
    var redisDown = 0.0
    var redisLoses = 0.0
    var redisEmptied = 0.0

    static let none = FaultRates()

    init() {}

    init(_ random: inout SplitMix64) {
        // Some runs are calm, so that what needs none of the faults is not hidden by them.
        guard Double.random(in: 0..<1, using: &random) > 0.15 else { return }
        func rate(_ most: Double) -> Double {
            Bool.random(using: &random) ? 0 : Double.random(in: 0..<most, using: &random)
        }
        crash = rate(0.01)
        recordsBusy = rate(0.4)
        recordsUnavailable = rate(0.05)
        recordsStatement = rate(0.1)
        recordsRollback = rate(0.05)
        sealFails = rate(0.1)
        decideFails = rate(0.15)
        decideUnknown = rate(0.02)
        graphBegin = rate(0.05)
        graphStatement = rate(0.1)
        // Sometimes it takes long until the graph has followed.
        graphCommitBefore = rate(Double.random(in: 0..<1, using: &random) < 0.2 ? 0.95 : 0.3)
        graphCommitAfter = rate(0.3)
        graphFails = rate(0.02)
        redisBefore = rate(0.3)
        redisAfter = rate(0.3)
        redisLate = rate(0.2)
        redisDown = rate(0.2)
        redisLoses = rate(0.2)
        redisEmptied = rate(0.1)
    }
}
