import Transactions

/// What a crash test has done.
package struct CrashFigures: Sendable, Codable, Hashable {
    package var rounds = 0
    /// Processes that were started on the stores, and ended in one way or another.
    package var processes = 0
    /// Processes that were killed, by where.
    package var kills: [String: Int] = [:]
    /// Processes that ended by themselves before they came to where they were to be killed.
    package var unreached = 0
    package var units = Units()
    /// Units that recovery did again, after rounds; what a killed recovery did before is not in it.
    package var graphReplayed = 0
    package var cacheReplayed = 0
    package var redisKilled = 0
    package var redisEmptied = 0
    package var graphsPutBack = 0
    /// How long each recovery took, in seconds.
    package var recoverySeconds: [Double] = []

    /// Units by what became of them.
    package struct Units: Sendable, Codable, Hashable {
        package var acknowledged = 0
        package var repeated = 0
        package var failed = 0
        /// Cut short, and found in all their stores.
        package var inDoubtDone = 0
        /// Cut short, and found in none.
        package var inDoubtUndone = 0
    }

    mutating func count(kill place: String) { kills[place, default: 0] += 1 }

    mutating func take(_ report: RecoveryReport, seconds: Double) {
        graphReplayed += report.graphReplayed
        cacheReplayed += report.cacheReplayed
        recoverySeconds.append(seconds)
    }

    /// All units of these stores, from their first round on.
    mutating func take(_ history: CrashHistory, _ state: CrashState) {
        units = Units()
        let present = Set(state.parts.values.flatMap { $0.log.map(\.unit) })
        for (number, attempt) in history.attempts {
            switch attempt.outcome {
            case .acknowledged: units.acknowledged += 1
            case .repeated: units.repeated += 1
            case .failed: units.failed += 1
            case .inDoubt where present.contains(number): units.inDoubtDone += 1
            case .inDoubt: units.inDoubtUndone += 1
            }
        }
    }

    /// Adds those of other stores.
    mutating func add(_ other: CrashFigures) {
        rounds += other.rounds
        processes += other.processes
        kills.merge(other.kills, uniquingKeysWith: +)
        unreached += other.unreached
        units.acknowledged += other.units.acknowledged
        units.repeated += other.units.repeated
        units.failed += other.units.failed
        units.inDoubtDone += other.units.inDoubtDone
        units.inDoubtUndone += other.units.inDoubtUndone
        graphReplayed += other.graphReplayed
        cacheReplayed += other.cacheReplayed
        redisKilled += other.redisKilled
        redisEmptied += other.redisEmptied
        graphsPutBack += other.graphsPutBack
        recoverySeconds += other.recoverySeconds
    }
}
