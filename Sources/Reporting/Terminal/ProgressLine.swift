import LoadTesting

/// What a run is doing, in one line: redrawn in place on a terminal, now and then a line of its own elsewhere.
package struct ProgressLine: Sendable {
    private static let bar = 24

    private let profile: String

    package init(profile: String) {
        self.profile = profile
    }

    private func latencies(_ monitor: LoadMonitor) -> String {
        guard let (p50, p99) = monitor.latencies else { return "" }
        func text(_ duration: Duration) -> String {
            Figure.value(duration / .milliseconds(1), unit: "ms")
        }
        return "p50 \(text(p50)), p99 \(text(p99)), "
    }

    /// Connections in use, and who waits for one.
    private func pools(_ monitor: LoadMonitor) -> String {
        let parts = monitor.pools.map {
            "\($0.store) \($0.inUse)" + ($0.waiting > 0 ? " (+\($0.waiting) waiting)" : "")
        }
        return parts.isEmpty ? "" : ", in use: \(parts.joined(separator: ", "))"
    }

    /// The line as it stands now.
    package func render(_ monitor: LoadMonitor) -> String {
        let scenario = monitor.scenario
        let title = scenario.isEmpty || scenario == profile ? profile : "\(profile) · \(scenario)"
        let plan = monitor.plan
        switch monitor.phase {
        case .preparing:
            return "\(title)  preparing: \(monitor.note.isEmpty ? "engines" : monitor.note)"
        case .warmUp:
            return "\(title)  warm-up, \(plan.rate.map { "\(Int($0)) operations/s" } ?? "\(plan.users) users")"
        case .steady, .finished:
            let seconds = monitor.steadyDuration / .seconds(1), total = plan.steady / .seconds(1)
            let filled = min(Self.bar, Int(seconds / total * Double(Self.bar)))
            let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: Self.bar - filled)
            let wanted = plan.rate.map { " of \(Int($0))" } ?? ""
            let rate = seconds > 0 ? Double(monitor.operations) / seconds : 0
            let fault = monitor.currentFaults.isEmpty ? "" : "  ⚡ \(monitor.currentFaults.joined(separator: ", "))"
            return """
                \(title)  \(monitor.phase.name) \(bar) \(Int(seconds))/\(Int(total)) s  \
                \(monitor.operations) operations, \(Int(rate))\(wanted)/s, \(latencies(monitor))\(monitor.failures) failures\(fault)\(pools(monitor))
                """
        }
    }
}
