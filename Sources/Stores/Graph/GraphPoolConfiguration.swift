public import GraphClient
public import Pooling

/// How a ``GraphPool`` opens its database: one engine, one writer, and readers beside it that see snapshots.
public struct GraphPoolConfiguration: Sendable, Hashable {
    /// Connections kept open, the writer among them. At least 1; 5 by default.
    public var minimumConnections = 5
    /// The most connections at one time: one writes, the others read. At least 2; 20 by default.
    public var maximumConnections = 20
    /// How long one statement of a reader may run; by default for what `database` says, which is no limit.
    public var readTimeLimit: Duration?
    /// The engine's own options: buffer pool (128 MiB by default), threads (8), compression (on).
    public var database = GraphDatabase.Configuration()
    /// How both pools, of readers and of the writer, behave: time limits, life times, back-off. Its sizes are not used; those above are.
    public var pool = PoolConfiguration()

    /// The defaults that stand at each property.
    public init() {}
}

extension GraphPoolConfiguration {
    /// - Throws: ``GraphError`` or ``PoolError``, which say what is wrong with it.
    func check(path: String) throws {
        func refuse(_ reason: String) -> GraphError { .cannotOpen(path: path, reason: reason) }
        guard maximumConnections >= 2 else {
            throw refuse(
                "maximumConnections is \(maximumConnections); give it at least 2: one writes, the others read.")
        }
        guard (1...maximumConnections).contains(minimumConnections) else {
            throw refuse(
                """
                minimumConnections is \(minimumConnections); give it at least 1, and at most maximumConnections \
                (\(maximumConnections)).
                """)
        }
        if let readTimeLimit, readTimeLimit < .milliseconds(1) {
            throw refuse("readTimeLimit is \(readTimeLimit), and must be at least 1 ms.")
        }
        try pool.validate()
    }
}
