public import Pooling

/// The pools of one store, as whoever looks after all stores sees them.
public protocol StorePools: Sendable {
    /// Which store it is.
    var kind: StoreKind { get }

    /// Each pool of connections that the store has: readers and writer, or one for each node of a cluster.
    var statuses: [NamedPoolStatus] { get }

    /// How many connections the store may have at one time, all its pools together. Between `connectionBounds`.
    var connectionLimit: Int { get }

    /// The least and the most that `setConnectionLimit` takes, from the store's configuration.
    var connectionBounds: ClosedRange<Int> { get }

    /// Changes how many connections the store may have. Those in use above the limit are closed when they come back.
    ///
    /// - Throws: ``PoolError`` for a limit outside `connectionBounds`.
    func setConnectionLimit(_ limit: Int) throws(PoolError)

    /// Opens connections up to the minimum, without waiting for them.
    func start()

    /// Asks the store for the least that shows that it works: each node of a cluster, readers and writer alike. Waits for a connection
    /// like any other user, so give it a time limit.
    ///
    /// - Throws: what is wrong.
    func probe() async throws

    /// Ends all pools: serves those who wait already, refuses others, closes connections as they come back.
    ///
    /// - Returns: what was left at the deadline, all pools together.
    @discardableResult
    func shutdown(within limit: Duration?) async -> PoolDrainReport
}

/// One of a store's pools at one moment.
public struct NamedPoolStatus: Sendable, Hashable {
    /// The pool's name as it stands in errors, logs and metrics: "sqlite.readers".
    public let name: String
    /// Its counts.
    public let status: PoolStatus
    /// Whether the pool grows and shrinks with the store's connection limit. A store's only writer does not: those who wait for it would
    /// not be helped by more connections.
    public let followsLimit: Bool

    /// A status.
    public init(name: String, status: PoolStatus, followsLimit: Bool = true) {
        self.name = name
        self.status = status
        self.followsLimit = followsLimit
    }
}

/// Gives each of a store's pools, by its name, whoever is told of its events (M1); nil for nobody. Called once for each pool, also for
/// those that come later, such as the pool of a cluster's new node.
public typealias PoolObservers = @Sendable (_ pool: String) -> (any PoolObserver)?
