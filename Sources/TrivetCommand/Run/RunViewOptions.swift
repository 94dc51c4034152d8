import ArgumentParser
import Dashboard
import LoadTesting
import Reporting

/// What is shown of a run while it goes on, and beside what.
struct RunViewOptions: ParsableArguments {
    @Option(
        name: .customLong("dashboard"), defaultAsFlag: DashboardPlace.usualPort,
        help: ArgumentHelp(
            """
            While it runs, shows its report as it comes about at http://127.0.0.1:PORT/, and metrics for Prometheus at /metrics; 0 chooses a \
            port. Stands at the end when no port follows.
            """, valueName: "port"))
    var dashboard: Int?

    @Option(
        help: ArgumentHelp(
            "What the dashboard listens on; beyond this machine only with \(DashboardPlace.tokenVariable) set.",
            valueName: "host"))
    var dashboardHost = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "An earlier result (--json, or report.json) whose distributions are drawn beside this run's.",
            valueName: "file"))
    var baseline: String?

    @Option(help: ArgumentHelp("The commit of what is measured; by default the folder's, from Git.", valueName: "text"))
    var commit: String?

    func validate() throws {
        if let dashboard { try DashboardPlace.validate(port: dashboard, option: "--dashboard") }
    }

    /// Begins to serve, if it is wanted.
    func start(_ monitor: LoadMonitor, _ metrics: RunMetrics?) async throws -> RunDashboard? {
        guard let dashboard, let metrics else { return nil }
        try DashboardPlace.check(host: dashboardHost)
        return try await RunDashboard.start(
            monitor, metrics: metrics.registry,
            configuration: DashboardPlace.configuration(host: dashboardHost, port: dashboard))
    }
}
