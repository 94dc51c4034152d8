import Dispatch
import GRDB
import Synchronization
import Threads

/// Notices commits of any connection and any process, on a thread of its own that looks every few milliseconds.
///
/// SQLite tells a connection with `PRAGMA data_version` whether anyone else has committed since; the answer comes from
/// memory that the processes share, and costs some microseconds.
actor ChangeWatcher {
    /// What a look at the database showed.
    struct Look: Sendable {
        /// When it began, in milliseconds since 1970.
        var moment: Double
        var schemaVersion: Int
        /// The ends of the change log; nil where there is nothing.
        var changes: ClosedRange<Int64>?
        var backfill: ClosedRange<Int64>?

        var hasWork: Bool { changes != nil || backfill != nil }
    }

    private let path: String
    private let interval: Duration
    private let executor = ThreadExecutor(name: "trivet-watcher")
    private nonisolated let bell = DispatchSemaphore(value: 0)
    private nonisolated let isCalled = Atomic<Bool>(false)
    private var queue: DatabaseQueue?
    private var dataVersion: Int?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(path: String, interval: Duration) {
        self.path = path
        self.interval = interval
    }

    deinit {
        executor.retire()
    }

    func open() throws {
        var configuration = Configuration()
        configuration.label = "trivet-watcher"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        dataVersion = nil
    }

    func close() {
        try? queue?.close()
        queue = nil
    }

    /// Ends ``wait(for:)``, from any thread.
    nonisolated func call() {
        isCalled.store(true, ordering: .releasing)
        bell.signal()
    }

    /// Waits, blocking its own thread, until someone has committed, the time has passed, or it is called.
    ///
    /// - Returns: what there is then, and when it last looked before and saw nothing new.
    func wait(for limit: Duration) throws -> (look: Look, lastUnchanged: Double?) {
        let deadline = ContinuousClock.now + limit
        var lastUnchanged: Double?
        while true {
            let moment = Double.now
            let version = try dataVersionNow()
            let isNew = version != dataVersion
            let isEnough = isNew || ContinuousClock.now >= deadline
            if isCalled.exchange(false, ordering: .acquiringAndReleasing) || isEnough {
                dataVersion = version
                return (try look(at: moment), lastUnchanged)
            }
            lastUnchanged = moment
            _ = bell.wait(timeout: .now() + .nanoseconds(Int(interval / .nanoseconds(1))))
        }
    }

    /// What there is now.
    func look() throws -> Look {
        let moment = Double.now
        dataVersion = try dataVersionNow()
        return try look(at: moment)
    }

    private func look(at moment: Double) throws -> Look {
        try open { database in
            Look(
                moment: moment,
                schemaVersion: try Int.fetchOne(
                    try database.cachedStatement(sql: "PRAGMA schema_version")) ?? 0,
                changes: try ChangeLog.range(.changes, in: database),
                backfill: try ChangeLog.range(.backfill, in: database))
        }
    }

    private func dataVersionNow() throws -> Int {
        try open { try Int.fetchOne(try $0.cachedStatement(sql: "PRAGMA data_version")) ?? 0 }
    }

    private func open<Value>(_ body: (Database) throws -> Value) throws -> Value {
        guard let queue else {
            throw TransactionError(.misuse, "the watcher is not open", remedy: "Report this as a defect.")
        }
        return try queue.inDatabase(body)
    }
}
