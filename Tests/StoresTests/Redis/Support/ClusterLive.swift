import Pooling
import RedisClient
import Testing
import TrivetTesting

@testable import Stores

/// What the tests of the cluster pool have in common.
enum ClusterLive {
    /// A pool to the test's cluster.
    static func withPool<Value: Sendable>(
        _ configuration: RedisClusterPoolConfiguration = RedisClusterPoolConfiguration(),
        _ body: @Sendable (RedisClusterPool) async throws -> Value
    ) async throws -> Value {
        try await RedisClusterPool.withPool(seeds: RedisCluster.current.endpoints, configuration: configuration) {
            try await body($0)
        }
    }

    /// A connection to one node, for the administrator's commands.
    static func admin<Value: Sendable>(
        _ endpoint: RedisEndpoint, _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        try await RedisConnection.withConnection(to: endpoint) { try await body($0) }
    }

    /// Waits until nothing is under way, and checks that counts and servers agree.
    static func expectSettled(_ redis: RedisClusterPool) async throws {
        try await RedisLive.poll("nothing is under way") {
            redis.statuses.allSatisfy { named in
                let status = named.status
                return status.leased + status.opening + status.checking + status.closing + status.waiting == 0
                    && status.idle >= status.minimum
            }
        }
        for pool in redis.opening.current?.nodes.pools ?? [] {
            let counters = pool.status.counters
            #expect(counters.opened - counters.closed == pool.status.idle && pool.status.total <= pool.status.maximum)
            #expect(pool.guarded.withLock { $0.lanes.lanes.count + $0.lanes.waiting } == 0)
            #expect(counters.leaks == 0)
        }
        let nodes = Set(redis.opening.current?.nodes.pools.map(\.endpoint) ?? [])
        for endpoint in nodes {
            try await RedisLive.poll("\(endpoint) has as many clients as its pools have connections") {
                let pools = redis.opening.current?.nodes.pools.filter { $0.endpoint == endpoint } ?? []
                return try await RedisLive.clients(of: endpoint) == pools.reduce(0) { $0 + $1.status.total }
            }
        }
    }

    /// Moves a slot with its keys, as `redis-cli --cluster reshard` does.
    ///
    /// - Parameter meanwhile: runs between the steps.
    static func move(
        _ slot: RedisHashSlot, from source: RedisEndpoint, to target: RedisEndpoint,
        meanwhile: @Sendable () async throws -> Void = {}
    ) async throws {
        let number = slot.number
        let sourceID = try await admin(source) { try await $0.send(RedisCommand("CLUSTER MYID"), as: String.self) }
        let targetID = try await admin(target) { try await $0.send(RedisCommand("CLUSTER MYID"), as: String.self) }
        guard case .tcp(let host, let port) = target else { return }
        _ = try await admin(target) { try await $0.send("CLUSTER SETSLOT", number, "IMPORTING", sourceID) }
        _ = try await admin(source) { try await $0.send("CLUSTER SETSLOT", number, "MIGRATING", targetID) }
        try await meanwhile()
        while true {
            let keys = try await admin(source) {
                try await $0.send(RedisCommand("CLUSTER GETKEYSINSLOT", number, 10), as: [String].self)
            }
            if keys.isEmpty { break }
            _ = try await admin(source) { try await $0.send("MIGRATE", host, port, "", 0, 5000, "KEYS", keys) }
            try await meanwhile()
        }
        for endpoint in [target, source] {
            _ = try await admin(endpoint) { try await $0.send("CLUSTER SETSLOT", number, "NODE", targetID) }
        }
    }
}
