import Measurement
import Scenarios

extension CheckResult {
    /// The judgement of how long faults were felt after they were healed.
    ///
    /// - Parameter end: when the load ended. What had not recovered until then took at least so long: that is a failure if
    ///   it is too long already, and else not known.
    init(
        _ definition: TargetDefinition, scenario: String, _ recoveries: [RecoveryTracker.Recovery], until end: Duration
    ) {
        let limit = definition.expression
        let times = recoveries.map { ($0.time ?? (end - $0.healed)) / .seconds(1) }
        let isMissed = times.map { !limit.comparison.holds($0, limit.limit) }
        let target = Target(
            id: "\(scenario): \(definition.text)", summary: Target.recovery.summary,
            comparison: .init(limit.comparison),
            limit: limit.limit, unit: limit.unit)
        self.init(target, value: ((times.max() ?? 0) * 1_000).rounded() / 1_000, samples: times.count)
        let never = recoveries.count { $0.time == nil }
        beyond = zip(recoveries, isMissed).count { $0.time == nil || $1 }
        endless = never > 0 ? never : nil
        verdict = isMissed.contains(true) ? .fail : never > 0 ? .inconclusive : .pass
        pass = verdict == .pass
    }
}
