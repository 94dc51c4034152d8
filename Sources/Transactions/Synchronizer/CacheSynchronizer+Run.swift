import Logging
import RedisClient
public import ServiceLifecycle

extension CacheSynchronizer: Service {
    /// Follows SQLite until the task is cancelled or a graceful shutdown begins, then returns.
    ///
    /// It creates or renews Trivet's tables and triggers in SQLite first. They stay when it ends, so what is committed
    /// meanwhile is brought to Redis by the next run.
    /// - Throws: ``MappingError`` when the mappings don't fit the tables at the start; ``TransactionError`` when it runs
    ///   already, or the coordinator has stopped. Failures of the stores, and tables that don't fit any more, are logged,
    ///   told by ``status``, and tried again.
    public func run() async throws {
        let isFirst = state.withLock { state in
            defer { state.status.isRunning = true }
            return !state.status.isRunning
        }
        guard isFirst else {
            throw TransactionError(.misuse, "the synchronizer runs already", remedy: "Call run() once.")
        }
        let watcher = ChangeWatcher(path: coordinator.sqlite.path, interval: configuration.interval)
        let result: Result<Void, any Error>
        do {
            try await cancelWhenGracefulShutdown {
                var run = SynchronizerRun(synchronizer: self, watcher: watcher)
                try await run.follow()
            }
            result = .success(())
        } catch is CancellationError {
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await coordinator.core.follow(nil)
        await watcher.close()
        state.withLock { state in
            state.status.isRunning = false
            state.isReady = false
        }
        try result.get()
    }

    /// Removes Trivet's triggers and the notes of changes from SQLite: Redis follows it no longer.
    ///
    /// - Throws: ``TransactionError`` while ``run()`` runs; what SQLite throws.
    public func uninstall() async throws {
        guard !status.isRunning else {
            throw TransactionError(
                .misuse, "the synchronizer runs, and needs its triggers", remedy: "End its run() first.")
        }
        try await coordinator.sqlite.write { try Installation.remove(from: $0) }
    }
}

/// One run of a synchronizer.
struct SynchronizerRun {
    let synchronizer: CacheSynchronizer
    let watcher: ChangeWatcher

    private var rows: MappedRows?
    private var schemaVersion = 0
    private var brackets = CommitBrackets()
    private var fill: RedisFill?
    private var nextCheck = ContinuousClock.now
    /// Nothing is left to be made anew.
    private var isFilled = false
    /// How long the next look may wait for something new.
    private var patience = Duration.zero

    private var configuration: CacheSynchronizer.Configuration { synchronizer.configuration }
    private var coordinator: Coordinator { synchronizer.coordinator }
    private var logger: Logger { synchronizer.logger }

    init(synchronizer: CacheSynchronizer, watcher: ChangeWatcher) {
        self.synchronizer = synchronizer
        self.watcher = watcher
    }

    mutating func follow() async throws {
        let first = coordinator.core.configuration.firstPause
        var pause = first
        while true {
            try Task.checkCancellation()
            do {
                try await turn()
                pause = first
                synchronizer.state.withLock { $0.status.lastError = nil }
            } catch let error where isFinal(error) {
                throw error
            } catch {
                try Task.checkCancellation()
                if synchronizer.status.lastError == nil {
                    logger.warning("Redis does not follow SQLite at present", metadata: ["error": "\(error)"])
                }
                synchronizer.state.withLock { $0.status.lastError = error }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, coordinator.core.configuration.longestPause)
            }
        }
    }

    private func isFinal(_ error: any Error) -> Bool {
        if error is CancellationError { return true }
        // Later a table may be gone for a moment, while somebody makes it anew.
        if error is MappingError { return rows == nil }
        return (error as? TransactionError)?.code == .stopped
    }

    private mutating func turn() async throws {
        if rows == nil { try await install() }
        try await checkFill()
        let limit = min(patience, max(.zero, nextCheck - .now))
        let watcher = watcher
        let (look, lastUnchanged) = try await withTaskCancellationHandler {
            try await watcher.wait(for: limit)
        } onCancel: {
            watcher.call()
        }
        if let lastUnchanged { brackets.look(at: lastUnchanged, lastID: 0) }
        brackets.look(at: look.moment, lastID: look.changes?.upperBound ?? 0)
        tell(look)
        if look.schemaVersion != schemaVersion { try await install() }
        isFilled = look.backfill == nil
        patience = look.hasWork ? try await step() : .milliseconds(500)
    }

    /// Sees from time to time whether Redis has its data, and at once when a fill may be done.
    private mutating func checkFill() async throws {
        if configuration.fillsRedis, ContinuousClock.now >= nextCheck || (isFilled && fill?.isComplete == false) {
            try await fill?.check()
            nextCheck = .now + configuration.checkInterval
            isFilled = false
        }
        let isReady = !configuration.fillsRedis || fill?.isComplete == true
        synchronizer.state.withLock { $0.isReady = isReady }
    }

    private func tell(_ look: ChangeWatcher.Look) {
        synchronizer.state.withLock { state in
            state.status.backlog = look.changes?.count ?? 0
            state.status.backfill = look.backfill?.count ?? 0
            state.status.fills = fill?.count ?? 0
        }
    }

    // MARK: Installing

    private mutating func install() async throws {
        guard let participant = coordinator.core.participants.cache as? RedisParticipant else {
            throw TransactionError.notConfigured(.redis)
        }
        let mappings = synchronizer.mappings
        if try await coordinator.sqlite.read({ try Installation.isIncomplete(mappings, in: $0) }) {
            // Changes may have been made without being noted. Before the triggers are there, so that it can't be
            // missed.
            _ = try await participant.redis.del(RedisFill.key)
        }
        let installed = try await coordinator.sqlite.write { try Installation(mappings, in: $0) }
        if rows == nil {
            for (table, indexes) in installed.blindSpots {
                logger.warning(
                    "rows that REPLACE removes because of these unique indexes can't be noticed",
                    metadata: ["table": "\(table)", "indexes": "\(indexes)"])
            }
            try await watcher.open()
        }
        schemaVersion = installed.schemaVersion
        let rows = MappedRows(tables: installed.tables, logger: logger, unitLimit: configuration.batch)
        await coordinator.core.follow(rows)
        self.rows = rows
        fill = RedisFill(
            redis: participant.redis, sqlite: coordinator.sqlite, rows: rows,
            goal: "\(participant.identity) \(installed.description)", count: fill?.count ?? 0, token: fill?.token)
    }

    // MARK: Working

    /// - Returns: how long to wait for something new before the next step.
    private mutating func step() async throws -> Duration {
        guard let rows else { return .zero }
        let configuration = configuration
        var options = TransactionOptions()
        options.cacheTimeLimit = .seconds(1)
        let (step, receipt) = try await coordinator.transactionWithReceipt(options) { txn in
            try await txn.synchronize(rows, configuration)
        }
        // One step at a time: while Redis is away, what waits for it stays in SQLite and is not piled up in memory.
        if let number = receipt.number, !receipt.isCacheApplied { try await waitForRedis(number) }
        let now = Double.now
        let ages = step.settled.compactMap { brackets.longestAge(of: $0.id, statement: $0.moment, now: now) }
        if step.postponed == 0, let last = step.settled.last { brackets.forget(through: last.id) }
        synchronizer.state.withLock { state in
            state.status.rows += step.rows
            state.status.batches += 1
            for age in ages { state.status.lag.record(.milliseconds(age)) }
        }
        if step.isFull { return .zero }
        return step.postponed > 0 ? configuration.interval : .milliseconds(500)
    }

    private func waitForRedis(_ number: UInt64) async throws {
        while await !coordinator.core.waitForCache(number, limit: .seconds(1)) {
            try Task.checkCancellation()
            try await coordinator.core.checkOpen()
            let failure = coordinator.core.cacheState.withLock { $0.failure }
            synchronizer.state.withLock { $0.status.lastError = failure }
        }
    }
}
