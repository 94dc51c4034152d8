public import Pooling
import RedisClient

extension RedisPool: StorePools {
    /// Redis.
    public var kind: StoreKind { .redis }

    /// The one pool. Connections that are shared at the moment count as leased, and each command on them as an acquire.
    public var statuses: [NamedPoolStatus] { [NamedPoolStatus(name: name, status: node.status)] }

    /// How many connections the pool may have.
    public var connectionLimit: Int { node.pool.status.maximum }

    /// From the minimum size, at least 1, to the maximum size of the configuration.
    public var connectionBounds: ClosedRange<Int> {
        max(1, configuration.pool.minimumSize)...configuration.pool.maximumSize
    }

    /// Changes how many connections the pool may have.
    ///
    /// - Throws: ``PoolError`` for a limit outside ``connectionBounds``.
    public func setConnectionLimit(_ limit: Int) throws(PoolError) {
        guard connectionBounds.contains(limit) else { throw .outside(connectionBounds, limit, pool: name) }
        try node.resize(minimum: configuration.pool.minimumSize, maximum: limit)
    }

    /// Opens connections up to the minimum, without waiting for them.
    public func start() { node.pool.start() }

    /// PING, once.
    ///
    /// - Throws: ``RedisError``.
    public func probe() async throws {
        let result = try await node.withShared(until: nil) { await $0.result(of: RedisCommand("PING")) }
        _ = try result.get()
    }

    /// Ends the pool: serves those who wait already, refuses others, closes connections as they come back.
    ///
    /// - Parameter limit: how long to wait for those who use connections; nil for ``PoolConfiguration/drainTimeout``. Then their commands fail with
    ///   ``RedisError/Code-swift.struct/closedByClient``.
    /// - Returns: what was left at the deadline.
    @discardableResult
    public func shutdown(within limit: Duration? = nil) async -> PoolDrainReport { await node.shutdown(within: limit) }
}

extension PoolError {
    static func outside(_ bounds: ClosedRange<Int>, _ limit: Int, pool: String) -> PoolError {
        .invalidConfiguration(
            ["a limit of \(limit) connections is outside of \(bounds.lowerBound) to \(bounds.upperBound)"], pool: pool)
    }
}
