internal import LiveFeed
internal import Logging
internal import MetricsExport
internal import Reporting

/// Draws a page again and again, as long as somebody looks, and serves it.
final class ViewServer: Sendable {
    /// Somebody who has gone may come back: a page that is loaded again, a laptop that wakes up.
    private static let patience: Duration = .seconds(60)

    let server: FeedServer
    private let view: LiveView
    private let drawing: Task<Void, Never>

    private init(_ server: FeedServer, _ view: LiveView, _ drawing: Task<Void, Never>) {
        (self.server, self.view, self.drawing) = (server, view, drawing)
    }

    /// - Parameters:
    ///   - interval: between two states.
    ///   - look: a look at what is shown, also when nobody watches; nil for none.
    ///   - draw: the page as it is now.
    /// - Throws: as `FeedServer.start`.
    static func start(
        _ configuration: FeedServer.Configuration, interval: Duration, metrics: PrometheusRegistry?,
        logger: Logger = Logger(label: "trivet.dashboard") { _ in SwiftLogNoOpLogHandler() },
        trouble: @escaping @Sendable () -> String? = { nil }, look: (@Sendable () async -> Void)? = nil,
        draw: @escaping @Sendable () -> PagePart
    ) async throws -> ViewServer {
        let view = LiveView(draw())
        let site = FeedSite(
            page: {
                // Who comes after nobody looked for a while must not see what was then.
                view.show(draw())
                return view.page
            }, metrics: metrics.map(Self.metrics), trouble: trouble)
        let server = try await FeedServer.start(site, view.feed, configuration: configuration, logger: logger)
        let drawing = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                guard !Task.isCancelled else { return }
                await look?()
                if view.feed.isWatched(within: patience) { view.show(draw()) }
            }
        }
        return ViewServer(server, view, drawing)
    }

    private static func metrics(_ registry: PrometheusRegistry) -> @Sendable () -> (text: String, type: String) {
        { (registry.text(), PrometheusRegistry.contentType) }
    }

    /// Shows a last page, and ends. Readers get it first.
    func stop(with page: PagePart? = nil) async {
        drawing.cancel()
        await drawing.value
        if let page { view.end(with: page) }
        await server.stop()
    }
}
