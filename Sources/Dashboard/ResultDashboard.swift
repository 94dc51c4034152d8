import Foundation
package import LiveFeed
package import LoadTesting
internal import Reporting
import Synchronization

/// A result's report, served, and drawn anew whenever its file is written anew.
package final class ResultDashboard: Sendable {
    private let view: ViewServer

    /// Where it is, for people.
    package var address: String { view.server.address }

    private init(_ view: ViewServer) {
        self.view = view
    }

    /// - Parameters:
    ///   - file: of the result.
    ///   - load: reads it.
    /// - Throws: what `load` throws at first; later a file that can't be read leaves what was shown. `AccessRule.OpenToOthers`, `FeedServer.NoPlace`.
    package static func start(
        _ file: String, configuration: FeedServer.Configuration, interval: Duration = .seconds(1),
        load: @escaping @Sendable (String) throws -> RunResult
    ) async throws -> ResultDashboard {
        // The date first: what is written in between is read again.
        let first = date(file)
        let shown = Shown(try load(file), first)
        return ResultDashboard(
            try await ViewServer.start(
                configuration, interval: interval, metrics: nil,
                look: {
                    let date = date(file)
                    guard date != shown.date, let result = try? load(file) else { return }
                    shown.set(result, date)
                }, draw: { RunPage.part(shown.result, nil) }))
    }

    package func stop() async { await view.stop() }

    private static func date(_ file: String) -> Date? {
        try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date
    }

    private final class Shown: Sendable {
        private let state: Mutex<(result: RunResult, date: Date?)>

        init(_ result: RunResult, _ date: Date?) {
            state = Mutex((result, date))
        }

        var result: RunResult { state.withLock { $0.result } }
        var date: Date? { state.withLock { $0.date } }

        func set(_ result: RunResult, _ date: Date?) { state.withLock { $0 = (result, date) } }
    }
}
