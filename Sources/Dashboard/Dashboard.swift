internal import LiveFeed
public import Logging
public import MetricsExport
internal import Reporting
public import ServiceLifecycle
public import Stores
import Synchronization

/// A page that shows what an application's pools do: their health, connections in use, tasks that wait, operations, as it happens.
///
/// ```swift
/// let manager = try await PoolManager.open(configuration)
/// let dashboard = Dashboard(of: manager, metrics: registry)
/// try await ServiceGroup(services: [manager, dashboard, server], logger: logger).run()
/// ```
///
/// It listens on this machine; beyond it only with a token. Besides the page there are `/metrics`, if it was given a registry, and `/healthz`, which
/// answers 503 while a store is down. What is drawn is drawn for those who look; with nobody there it costs a look at the pools every
/// two seconds.
public final class Dashboard: Service {
    /// Where it is, and who may look.
    public struct Configuration: Sendable, Hashable {
        /// What it listens on.
        public var host = "127.0.0.1"
        /// 0 for one that the system chooses.
        public var port = 9400
        /// What others have to know: at least 16 letters, digits, and `-._~`. Needed for a host beyond this machine. A browser is given it
        /// once, as `?token=…`; programs send `Authorization: Bearer …`.
        public var token: String?
        /// Whose stores they are, for the page's title.
        public var title = "stores"

        /// The defaults that stand at each property.
        public init() {}
    }

    private let manager: PoolManager
    private let registry: PrometheusRegistry?
    private let configuration: Configuration
    private let logger: Logger
    private let openPort = Mutex<Int?>(nil)

    /// - Parameters:
    ///   - manager: the pools that are shown.
    ///   - metrics: where operations and processes are read from, and what is at `/metrics`; nil for neither.
    public init(
        of manager: PoolManager, metrics: PrometheusRegistry? = nil, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "trivet.dashboard")
    ) {
        self.manager = manager
        registry = metrics
        self.configuration = configuration
        self.logger = logger
    }

    /// Where it listens; nil while it doesn't.
    public var port: Int? { openPort.withLock { $0 } }

    /// Serves until a graceful shutdown begins or the task is cancelled.
    ///
    /// - Throws: when it can't listen there, or must not without a token; the error says what to do.
    public func run() async throws {
        do {
            try await serve()
        } catch is CancellationError {
            // It was cancelled before it listened.
        }
    }

    private func serve() async throws {
        var place = FeedServer.Configuration()
        (place.host, place.port, place.token) = (configuration.host, configuration.port, configuration.token)
        let (manager, registry, title) = (manager, registry, configuration.title)
        let watch = ServiceWatch()
        watch.record(ServiceSample(manager.status, metrics: registry?.text()))
        let view = try await ViewServer.start(
            place, interval: ServiceWatch.interval, metrics: registry,
            trouble: {
                let down = manager.health.stores.filter { $0.state == .down }
                return down.isEmpty ? nil : down.map(\.description).joined(separator: "\n")
            },
            look: { watch.record(ServiceSample(manager.status, metrics: registry?.text())) },
            draw: { ServicePage.part(watch.timeline, title: title) })
        openPort.withLock { $0 = view.server.port }
        logger.info("dashboard", metadata: ["address": "\(view.server.address)"])
        // Ends at either kind of end, and a cancelled one is no error.
        await cancelWhenGracefulShutdown { await Self.untilCancelled() }
        openPort.withLock { $0 = nil }
        // Not on this task, which may be cancelled: readers are told.
        await Task { await view.stop() }.value
    }

    private static func untilCancelled() async {
        let (never, _) = AsyncStream<Never>.makeStream()
        for await _ in never {}
    }
}
