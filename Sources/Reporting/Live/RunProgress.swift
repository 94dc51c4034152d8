import LoadTesting

/// Where a run is, as a page shows it.
package struct RunProgress: Sendable, Hashable {
    var scenario: String
    var phase: LoadPhase
    /// What is being prepared.
    var note: String
    /// Of the steady state, in seconds.
    var done, total: Double
    var operations, failures: Int
    /// Operations a second that are to come; nil for users that wait for their answers.
    var wanted: Double?
    var users: Int
    /// What is broken on purpose at the moment.
    var broken: [String]

    package init(_ monitor: LoadMonitor) {
        let plan = monitor.plan
        scenario = monitor.scenario
        phase = monitor.phase
        note = monitor.note
        done = monitor.steadyDuration / .seconds(1)
        total = plan.steady / .seconds(1)
        (operations, failures) = (monitor.operations, monitor.failures)
        (wanted, users) = (plan.rate, plan.users)
        broken = monitor.faults.windows.filter { $0.end == nil }.map { window in
            window.store.map { "\($0) \(window.kind)" } ?? window.kind
        }
    }

    /// Without what changes each moment, so that it can be told when it changes.
    var title: String {
        switch phase {
        case .preparing: scenario.isEmpty ? "preparing" : "\(scenario), preparing"
        case .warmUp, .steady: "\(scenario), \(phase.name)"
        case .finished: "\(scenario), looking at what it left"
        }
    }

    /// From 0 to 1; nil where nobody knows.
    var part: Double? {
        switch phase {
        case .preparing: nil
        case .warmUp: 0
        case .steady: total > 0 ? min(1, done / total) : nil
        case .finished: 1
        }
    }
}
