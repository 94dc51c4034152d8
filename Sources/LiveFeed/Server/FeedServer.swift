import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Serves a page and its events over HTTP (Hummingbird). It holds no thread of its own and doesn't keep the process alive.
package final class FeedServer: Sendable {
    package struct Configuration: Sendable {
        /// What it listens on; beyond this machine only with a token.
        package var host = "127.0.0.1"
        /// 0 for one that the system chooses.
        package var port = 0
        /// What others have to know; nil on this machine alone.
        package var token: String?
        /// How often each reader is shown that its connection is alive.
        package var heartbeat: Duration = .seconds(10)

        package init() {}
    }

    /// It can't listen there.
    package struct NoPlace: Error, Sendable, CustomStringConvertible {
        let place: String
        let reason: String
        package var description: String { "Can't listen on \(place): \(reason)" }
    }

    package let host: String
    package let port: Int
    /// For people.
    package var address: String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/" }
    package let feed: EventFeed
    private let group: ServiceGroup
    private let running: Task<Void, any Error>
    private let beating: Task<Void, Never>

    private init(
        host: String, port: Int, feed: EventFeed, group: ServiceGroup, running: Task<Void, any Error>,
        beating: Task<Void, Never>
    ) {
        (self.host, self.port, self.feed, self.group) = (host, port, feed, group)
        (self.running, self.beating) = (running, beating)
    }

    /// Begins to serve.
    ///
    /// - Throws: `AccessRule.OpenToOthers`; ``NoPlace``; `CancellationError`.
    package static func start(
        _ site: FeedSite, _ feed: EventFeed, configuration: Configuration,
        logger: Logger = Logger(label: "trivet.feed") { _ in SwiftLogNoOpLogHandler() }
    ) async throws -> FeedServer {
        let rule = try AccessRule(host: configuration.host, token: configuration.token)
        let (ports, told) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: SiteResponder(site: site, feed: feed, rule: rule),
            // A reader of events says nothing, and is none the less there.
            server: .http1(),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "trivet"),
            onServerRunning: { channel in
                told.yield(channel.localAddress?.port ?? 0)
                told.finish()
            }, logger: logger)
        var lifecycle = ServiceGroupConfiguration(services: [application], logger: logger)
        // A browser may keep its connections for as long as it likes; we don't.
        lifecycle.maximumGracefulShutdownDuration = .milliseconds(500)
        let group = ServiceGroup(configuration: lifecycle)
        let running = Task {
            defer { told.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            if Task.isCancelled {
                // It may be about to listen, and nobody waits for it any more.
                running.cancel()
                _ = await running.result
                throw CancellationError()
            }
            let place = "\(configuration.host):\(configuration.port)"
            do {
                try await running.value
                throw NoPlace(place: place, reason: "it ended at once")
            } catch let error as NoPlace {
                throw error
            } catch {
                throw NoPlace(place: place, reason: "\(error)")
            }
        }
        let heartbeat = configuration.heartbeat
        let beating = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: heartbeat)
                feed.beat()
            }
        }
        return FeedServer(
            host: configuration.host, port: port, feed: feed, group: group, running: running, beating: beating)
    }

    /// Tells readers that nothing comes any more, lets them take what they have not got yet for at most half a second, and ends.
    package func stop() async {
        feed.end()
        beating.cancel()
        await group.triggerGracefulShutdown()
        // Running into its time limit is an error of the group's, and none of ours.
        _ = await running.result
    }
}
