import Foundation
import LocalEngines
import Logging
import MetricsTestKit
import RedisClient
import Stores

/// A configuration for the three live engines, and waiting for what they come to.
struct LiveStores {
    let folder: TemporaryDirectory
    let server: RedisServer

    /// All three stores, watched often.
    var configuration: StoresConfiguration {
        var configuration = StoresConfiguration()
        configuration.sqlite = .init(path: folder.path(of: "records.sqlite"))
        configuration.graph = .init(path: folder.path(of: "people.graph"))
        configuration.redis = .server(server.endpoint)
        configuration.health.interval = .milliseconds(50)
        configuration.health.probeTimeout = .milliseconds(500)
        configuration.rebalancing.interval = .milliseconds(20)
        configuration.rebalancing.coolDown = .milliseconds(100)
        configuration.metricsInterval = .milliseconds(20)
        return configuration
    }

    static func withAll<Value: Sendable>(
        _ redis: RedisServer.Configuration = .init(), _ body: (LiveStores) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.withDirectory { folder in
            try await RedisServer.withServer(redis) { server in
                try await body(LiveStores(folder: folder, server: server))
            }
        }
    }
}

/// Waits until something is so; the suite's time limit ends it when it never is.
func eventually(_ isSo: () async throws -> Bool) async throws {
    while try await !isSo() { try await Task.sleep(for: .milliseconds(2)) }
}

extension Logger {
    /// Keeps the logs of tests short.
    static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
