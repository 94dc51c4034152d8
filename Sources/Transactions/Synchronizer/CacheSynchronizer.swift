public import Logging
public import Measurement
import Stores
import Synchronization

/// Lets Redis follow SQLite: whatever is committed there to mapped rows, by this process or by any other program, is in
/// their keys soon after (T7).
///
/// ```swift
/// let synchronizer = try CacheSynchronizer(
///     coordinator, mappings: [
///         StoreMapping(table: "users", cache: CacheMapping(key: "user:{id}", value: .json(["id", "name"])))
///     ])
/// try await synchronizer.run()   // until its task is cancelled
/// ```
///
/// In a service group it stands after the coordinator and before what writes: services end in the reverse order.
///
/// - Triggers note changed rows in the transaction that changes them, so no change is missed, whoever makes it and
///   whatever crashes: each reaches Redis at least once.
/// - It works as a transaction of the coordinator's: it reads the row again, gives its key the value of that moment,
///   and takes the note away in the same commit. So a key never goes back to an older value, and transactions see keys
///   and rows that agree.
/// - Transactions that change mapped rows change their keys themselves, in the same moment, unless they have set or
///   deleted the key on their own: then that stays.
/// - When Redis has lost its data, all keys are made anew.
///
/// What it can't see: writes of a program that turns triggers off, a database file that is replaced, and rows that
/// REPLACE removes because of a unique index over expressions or over some rows only. The ``ConsistencyVerifier`` finds
/// what comes of these.
///
/// The guarantee "in order" holds for each row. As long as all that waits fits in one batch, which is so but after
/// outages, Redis also goes from one committed state of SQLite to a later one as a whole.
///
/// Everything can be called from any task; one synchronizer for a coordinator.
public final class CacheSynchronizer: Sendable {
    /// How a synchronizer works.
    public struct Configuration: Sendable, Hashable {
        /// How often it looks for commits of others. Default 1 ms; a look costs some microseconds.
        public var interval: Duration = .milliseconds(1)
        /// The most rows of one step. Default 500.
        public var batch = 500
        /// Whether keys are made for all rows when Redis does not have them: at the first start, after it has lost its
        /// data, and when mappings have changed. Default true. Otherwise only rows that change get keys.
        public var fillsRedis = true
        /// How often it checks whether Redis still has its data. Default 1 s.
        public var checkInterval: Duration = .seconds(1)
        /// How long a row whose key a transaction holds is passed over, so that others don't wait; afterwards it is
        /// waited for. Default 100 ms.
        public var patience: Duration = .milliseconds(100)

        /// The defaults that stand at each property.
        public init() {}
    }

    /// What it is doing.
    public struct Status: Sendable {
        /// Whether ``CacheSynchronizer/run()`` runs.
        public var isRunning = false
        /// Changes that are noted in SQLite and not in Redis yet, about: those of one row may count several times.
        public var backlog = 0
        /// Rows whose keys are still to be made anew.
        public var backfill = 0
        /// Rows that were brought to Redis.
        public var rows = 0
        /// Steps in which that was done.
        public var batches = 0
        /// Times that all keys were made anew.
        public var fills = 0
        /// What keeps it from its work at present; nil for nothing.
        public var lastError: (any Error)?
        /// How long changes took from their commit until Redis confirmed them, at most: the commit's moment lies
        /// between that of the statement, in whole milliseconds, and the look that showed it.
        public var lag = LatencyRecorder()
    }

    let coordinator: Coordinator
    let mappings: StoreMappings
    let configuration: Configuration
    let logger: Logger
    let state = Mutex(State())

    struct State {
        var status = Status()
        /// Triggers are there, and all keys that Redis lacks are noted.
        var isReady = false
    }

    /// A synchronizer. It does nothing before ``run()``.
    ///
    /// - Parameter mappings: those without a key of Redis are left alone.
    /// - Throws: ``TransactionError`` when the coordinator has no Redis; ``MappingError`` for names that occur twice.
    public init(
        _ coordinator: Coordinator, mappings: StoreMappings, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "trivet.synchronizer")
    ) throws {
        guard coordinator.core.participants.cache != nil else { throw TransactionError.notConfigured(.redis) }
        var names: Set<String> = []
        for mapping in mappings.mappings where !names.insert(mapping.name).inserted {
            throw MappingError(
                "the mapping \"\(mapping.name)\"", "there is another one with this name",
                remedy: "Give one of them another name.")
        }
        self.coordinator = coordinator
        self.mappings = mappings
        self.configuration = configuration
        self.logger = logger
    }

    /// What it is doing, at this moment.
    public var status: Status { state.withLock { $0.status } }

    /// Returns when all that was committed before the call is in Redis.
    ///
    /// It waits as long as it takes, for ``run()`` to be called as well as for Redis.
    /// - Throws: `CancellationError`; what SQLite throws; ``TransactionError`` when the coordinator has stopped.
    public func waitUntilCurrent() async throws {
        while !state.withLock({ $0.isReady }) { try await pause() }
        let (change, backfill) = try await coordinator.sqlite.read { database in
            (try ChangeLog.last(.changes, in: database), try ChangeLog.last(.backfill, in: database))
        }
        let isDone: @Sendable () async throws -> Bool = { [coordinator] in
            try await coordinator.sqlite.read { database in
                try ChangeLog.first(.changes, in: database) ?? .max > change
                    && ChangeLog.first(.backfill, in: database) ?? .max > backfill
            }
        }
        while try await !isDone() { try await pause() }
        let number = await coordinator.core.lastNumber
        while await !coordinator.core.waitForCache(number, limit: .seconds(1)) {
            try Task.checkCancellation()
            try await coordinator.core.checkOpen()
        }
    }

    /// Before the next look at what others do.
    private func pause() async throws {
        try await coordinator.core.checkOpen()
        try await Task.sleep(for: configuration.interval)
    }
}
