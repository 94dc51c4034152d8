package import LiveFeed
package import LoadTesting
package import MetricsExport
package import Reporting

/// A run's dashboard: the charts of its report while they come about, and in the end the report.
package final class RunDashboard: Sendable {
    private let view: ViewServer

    /// Where it is, for people.
    package var address: String { view.server.address }
    package var port: Int { view.server.port }

    private init(_ view: ViewServer) {
        self.view = view
    }

    /// Begins to serve.
    ///
    /// - Parameters:
    ///   - monitor: the run's.
    ///   - metrics: what is at `/metrics`.
    /// - Throws: `AccessRule.OpenToOthers`, `FeedServer.NoPlace`.
    package static func start(
        _ monitor: LoadMonitor, metrics: PrometheusRegistry, configuration: FeedServer.Configuration,
        interval: Duration = .seconds(1)
    ) async throws -> RunDashboard {
        RunDashboard(
            try await ViewServer.start(configuration, interval: interval, metrics: metrics) {
                RunPage.part(monitor.board.result, RunProgress(monitor))
            })
    }

    /// Shows what the run came to, or why it came to nothing, and ends.
    package func stop(with result: Result<RunResult, RunFailure>) async {
        switch result {
        case .success(let result): await view.stop(with: RunPage.part(result, nil))
        case .failure(let failure): await view.stop(with: RunPage.part(failure))
        }
    }
}
