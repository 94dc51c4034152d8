public import Logging
import Measurement
public import RedisClient
public import Stores
import Threads

extension Coordinator {
    /// Opens SQLite and the graph, recovers the three stores, and coordinates them.
    ///
    /// The pools are the coordinator's: their writers live on its thread, and ``close(within:)`` does not close them;
    /// ``withCoordinator(sqlite:graph:redis:configuration:logger:_:)`` does.
    /// - Parameters:
    ///   - sqlite: the path of the database whose commit decides.
    ///   - graph: the graph's path; nil for none.
    ///   - redis: anything that takes commands, best a ``RedisPool``; nil for none.
    /// - Throws: ``TransactionError``: `locked` when another coordinator works with these stores, `foreignStore` when
    ///   they don't belong together; what the pools throw.
    public static func open(
        sqlite: String, graph: String? = nil, redis: (any RedisCommands)? = nil,
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        sqliteConfiguration: SQLitePoolConfiguration = SQLitePoolConfiguration(),
        graphConfiguration: GraphPoolConfiguration = GraphPoolConfiguration(),
        logger: Logger = Logger(label: "trivet.coordinator")
    ) async throws -> Coordinator {
        let lock = try CoordinatorLock(forDatabaseAt: sqlite)
        let lane = ThreadExecutor(name: "trivet-lane")
        let records = try await SQLitePool.open(
            at: sqlite, configuration: sqliteConfiguration, logger: logger, lane: lane)
        do {
            var graphPool: GraphPool?
            if let graph {
                graphPool = try await GraphPool.open(
                    at: graph, configuration: graphConfiguration, logger: logger, lane: lane)
            }
            do {
                return try await recover(
                    records, graphPool, redis, configuration: configuration, lane: lane, lock: lock, logger: logger)
            } catch {
                await graphPool?.shutdown(within: .seconds(1))
                throw error
            }
        } catch {
            await records.shutdown(within: .seconds(1))
            throw error
        }
    }

    private static func recover(
        _ sqlite: SQLitePool, _ graph: GraphPool?, _ redis: (any RedisCommands)?,
        configuration: CoordinatorConfiguration, lane: ThreadExecutor, lock: CoordinatorLock, logger: Logger
    ) async throws -> Coordinator {
        let began = ContinuousClock.now
        let meta = try await Recovery(sqlite: sqlite, logger: logger).openJournal()
        var report = RecoveryReport(identity: meta.identity, epoch: meta.epoch, lastNumber: meta.lastNumber)
        let records = SQLiteParticipant(sqlite, retention: configuration.journalRetention)
        let kuzu = graph.map(KuzuParticipant.init)
        if let kuzu {
            report.graphReplayed = try await LaneRecovery(lane: lane).recover(kuzu, records, meta)
        }
        let cache = redis.map { RedisParticipant(redis: $0, identity: meta.identity, epoch: meta.epoch) }
        var position = StorePosition(lastNumber: meta.lastNumber, trimmed: meta.trimmed, cacheApplied: meta.lastNumber)
        var behind: [(number: UInt64, writes: CacheWriteSet)] = []
        if let cache {
            let after = try await adopt(cache, meta, configuration, &report, logger)
            position.cacheApplied = after
            behind = try await records.journal(after: after, through: meta.lastNumber)
                .map { ($0.number, CacheWriteSet($0.cache)) }.filter { !$0.writes.isEmpty }
            report.cacheReplayed = behind.count
        }
        let core = CoordinatorCore(
            lane: lane, participants: .init(decision: records, graph: kuzu, cache: cache), clock: RealClock(),
            configuration: configuration, position: position, seed: UInt64.random(in: 0...UInt64.max), logger: logger)
        await core.bringCacheOn(behind, from: position.cacheApplied)
        report.seconds = (ContinuousClock.now - began) / .seconds(1)
        return Coordinator(sqlite: sqlite, graph: graph, core: core, recovery: report, lock: lock, executor: lane)
    }

    /// Takes Redis over, and says from which number on it is brought up to date.
    private static func adopt(
        _ cache: RedisParticipant, _ meta: Journal.Meta, _ configuration: CoordinatorConfiguration,
        _ report: inout RecoveryReport, _ logger: Logger
    ) async throws -> UInt64 {
        do {
            let adoption = try await cache.adopt()
            let (after, isLoss) = try Recovery.plan(meta, cache: adoption)
            if isLoss {
                try await cache.discardManagedKeys(configuration.managedKeys)
                report.cacheWasDiscarded = true
            }
            if isLoss || adoption == .new { try await cache.reset(to: after) }
            return after
        } catch let error as RedisError {
            // Redis is no reason to keep the records closed: what it lacks waits for it, and its marker is looked at
            // again then.
            logger.warning("Redis can't be reached", metadata: ["error": "\(error)"])
            report.isCacheReachable = false
            return meta.trimmed
        }
    }

    /// Opens the stores and coordinates them for the length of `body`, then closes all of it.
    public static func withCoordinator<Value: Sendable>(
        sqlite: String, graph: String? = nil, redis: (any RedisCommands)? = nil,
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        logger: Logger = Logger(label: "trivet.coordinator"),
        _ body: (Coordinator) async throws -> Value
    ) async throws -> Value {
        let coordinator = try await open(
            sqlite: sqlite, graph: graph, redis: redis, configuration: configuration, logger: logger)
        do {
            let value = try await body(coordinator)
            await coordinator.closeAll()
            return value
        } catch {
            await coordinator.closeAll()
            throw error
        }
    }

    private func closeAll() async {
        await close()
        await graph?.shutdown(within: .seconds(10))
        await sqlite.shutdown(within: .seconds(10))
    }
}

/// What recovery does on the lane, where the graph's writer lives.
private actor LaneRecovery {
    private let lane: ThreadExecutor

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(lane: ThreadExecutor) {
        self.lane = lane
    }

    /// - Returns: how many units were done again.
    func recover(_ graph: KuzuParticipant, _ records: SQLiteParticipant, _ meta: Journal.Meta) async throws -> Int {
        try await graph.acquire()
        defer { graph.release() }
        let identity = try graph.identity()
        let marker = identity == nil ? 0 : try graph.marker()
        let plan = try Recovery.plan(meta, found: identity, marker: marker, store: "the graph")
        if plan.adopts { try graph.adopt(meta.identity) }
        return try Recovery.replay(try await records.journal(after: plan.after, through: meta.lastNumber), in: graph)
    }
}
