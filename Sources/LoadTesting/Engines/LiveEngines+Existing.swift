import FaultInjection
import GraphClient
import Metrics
import RedisClient
import Scenarios
import Stores
import Threads
import Transactions

extension LiveEngines {
    /// Opens a user's own stores for the length of `body`: for reading only, unless they may be written.
    ///
    /// Nothing of Trivet's own comes into them unless the file asks for it: without transactions and snapshots there is no coordinator.
    ///
    /// - Throws: `ExistingStoresError` before anything is opened for writing; what the engines' clients throw, and what `body` throws.
    static func withStores<T: Sendable>(
        _ existing: ExistingStores, for file: ScenarioFile, seed: UInt64, _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        try await onThread("trivet-stores") { try existing.check(file) }
        guard let redis = existing.redis else { return try await open(existing, file, redis: nil, proxy: nil, body) }
        var configuration = redis.configuration
        configuration.pool.maximumSize = 128
        // Asked directly, and first: it says whether it is there, and what writes.
        try await RedisPool.withPool(to: redis.endpoint, configuration: redis.configuration) { pool in
            try await pool.ping()
            try await existing.check(file, redis: pool)
        }
        func pooled(_ endpoint: RedisEndpoint, _ proxy: FaultProxy?) async throws -> T {
            try await RedisPool.withPool(
                to: endpoint, configuration: configuration, observers: PoolMetrics.observers(MetricsSystem.factory)
            ) { pool in
                try await open(existing, file, redis: pool, proxy: proxy, body)
            }
        }
        guard file.faults.contains(where: { $0.kind.isOfNetwork }) else { return try await pooled(redis.endpoint, nil) }
        return try await FaultProxy.withProxy(to: .init(redis.endpoint), seed: seed) { proxy in
            try await pooled(.tcp(host: "127.0.0.1", port: proxy.port), proxy)
        }
    }

    private static func open<T: Sendable>(
        _ existing: ExistingStores, _ file: ScenarioFile, redis: RedisPool?, proxy: FaultProxy?,
        _ body: (LiveEngines) async throws -> T
    ) async throws -> T {
        var engine: GraphEngine?
        if let graph = existing.graph { engine = try await loadEngine(forGraphAt: graph) }
        let versions = EngineVersions(
            sqlite: existing.sqlite == nil ? nil : try await SQLitePool.libraryVersion(), graph: engine,
            redis: try await redis?.serverVersion())
        let stores = try await stores(existing, StoreNeeds(file), redis)
        let result: Result<T, any Error>
        do {
            result = .success(
                try await body(
                    LiveEngines(
                        stores: stores, privateServer: nil, proxy: proxy,
                        ownRedis: existing.redis.map {
                            RedisAccess(endpoint: $0.endpoint, configuration: $0.configuration.connection)
                        }, versions: versions)))
        } catch {
            result = .failure(error)
        }
        await close(stores)
        return try result.get()
    }

    private static func stores(
        _ existing: ExistingStores, _ needs: StoreNeeds, _ redis: RedisPool?
    ) async throws -> RunStores {
        var sqlite = SQLitePoolConfiguration()
        sqlite.maximumConnections = 40
        sqlite.isReadOnly = !existing.adopts
        var graph = GraphPoolConfiguration()
        graph.maximumConnections = 60
        graph.database.bufferPoolSize = 384 << 20
        graph.database.isReadOnly = !existing.adopts
        // Coordinated stores belong together: all that were named. Otherwise what isn't used is left alone.
        if needs.coordinated != nil, let path = existing.sqlite {
            let coordinator = try await Coordinator.open(
                sqlite: path, graph: existing.graph, redis: redis, sqliteConfiguration: sqlite,
                graphConfiguration: graph)
            return RunStores(
                sqlite: coordinator.sqlite, graph: coordinator.graph, redis: redis, coordinator: coordinator)
        }
        var stores = RunStores(redis: redis)
        let factory = MetricsSystem.factory
        do {
            if let path = existing.sqlite, needs.stores.contains(.sqlite) {
                stores.sqlite = try await SQLitePool.open(
                    at: path, configuration: sqlite, observers: PoolMetrics.observers(factory))
            }
            if let path = existing.graph, needs.stores.contains(.graph) {
                stores.graph = try await GraphPool.open(
                    at: path, configuration: graph, observers: PoolMetrics.observers(factory))
            }
            return stores
        } catch {
            await close(stores)
            throw error
        }
    }

    private static func close(_ stores: RunStores) async {
        guard let coordinator = stores.coordinator else {
            await stores.graph?.shutdown(within: .seconds(10))
            await stores.sqlite?.shutdown(within: .seconds(10))
            return
        }
        await coordinator.closeAll()
    }
}

extension FaultProxy.Upstream {
    fileprivate init(_ endpoint: RedisEndpoint) {
        switch endpoint {
        case .tcp(let host, let port): self = .tcp(host: host, port: port)
        case .unixSocket(let path): self = .unixSocket(path: path)
        }
    }
}

extension RedisPool {
    /// What the server says of itself, such as `7.0.15`; `unknown` where it may not.
    fileprivate func serverVersion() async throws -> String {
        let reply = try? await send(RedisCommand("INFO", "server"))
        let lines = reply.map { FieldValue($0).description.split(whereSeparator: \.isNewline) } ?? []
        let line = lines.first { $0.hasPrefix("redis_version:") }
        return line.map { String($0.dropFirst("redis_version:".count)) } ?? "unknown"
    }
}
