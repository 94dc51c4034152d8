import Pooling
import RedisClient
import Testing
import TrivetTesting

@testable import Stores

/// What the tests of the Redis pools have in common.
enum RedisLive {
    /// A pool to the test's server.
    static func withPool<Value: Sendable>(
        _ configuration: RedisPoolConfiguration = RedisPoolConfiguration(),
        _ body: @Sendable (RedisPool) async throws -> Value
    ) async throws -> Value {
        try await RedisPool.withPool(to: RedisServer.current.endpoint, configuration: configuration) {
            try await body($0)
        }
    }

    /// The error that a body throws; nil if it throws none.
    static func error(_ body: () async throws -> some Any) async throws -> RedisError? {
        do {
            _ = try await body()
            return nil
        } catch let error as RedisError {
            return error
        }
    }

    /// Asks again until it is so.
    static func poll(
        _ what: String, within limit: Duration = .seconds(20), _ condition: @Sendable () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not within \(limit): \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How many clients a server says that it has, without the one who asks, and without replication links.
    static func clients(of endpoint: RedisEndpoint) async throws -> Int {
        try await RedisConnection.withConnection(to: endpoint) { connection in
            let id = try await connection.send(RedisCommand("CLIENT ID"), as: Int.self)
            let list = try await connection.send(RedisCommand("CLIENT LIST", "TYPE", "normal"), as: String.self)
            let pubsub = try await connection.send(RedisCommand("CLIENT LIST", "TYPE", "pubsub"), as: String.self)
            return (list + pubsub).split(whereSeparator: \.isNewline).count { !$0.hasPrefix("id=\(id) ") }
        }
    }

    /// Waits until nothing is under way in a pool, and checks that its counts and the server agree.
    static func expectSettled(_ pool: RedisPool, _ comment: Comment? = nil) async throws {
        try await poll("nothing is under way: \(pool.statuses[0].status)") {
            let status = pool.statuses[0].status
            return status.leased == 0 && status.opening == 0 && status.checking == 0 && status.closing == 0
                && status.waiting == 0 && status.idle >= status.minimum
        }
        let status = pool.statuses[0].status
        let counters = status.counters
        #expect(counters.opened - counters.closed == status.idle, comment)
        #expect(status.total <= status.maximum, comment)
        #expect(pool.node.guarded.withLock { $0.lanes.lanes.count + $0.lanes.waiting } == 0, comment)
        let endpoint = pool.endpoint
        try await poll("the server has as many clients as the pool has connections") {
            try await clients(of: endpoint) == pool.statuses[0].status.total
        }
    }
}
