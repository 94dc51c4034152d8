import Pooling
import RedisClient

/// Exclusive use.
extension RedisNodePool {
    /// A connection for one user.
    ///
    /// - Parameters:
    ///   - isScoped: as ``ConnectionPool/acquire``.
    ///   - isMeantToLast: whether it may be held for as long as its user likes.
    func acquire(
        timeout: Duration?, isScoped: Bool, isMeantToLast: Bool, isolation: isolated (any Actor)? = #isolation,
        file: StaticString, line: UInt
    ) async throws -> PoolLease<PooledRedis> {
        if let lease = pool.acquireIfIdle(isScoped: isScoped, isMeantToLast: isMeantToLast, file: file, line: line) {
            return lease
        }
        makeRoom(isWanted: true)
        return try await pool.acquire(
            timeout: timeout, isScoped: isScoped, isMeantToLast: isMeantToLast,
            failsWhenUnreachable: failsWhenUnreachable, file: file, line: line)
    }

    /// Lets a shared connection go if the pool has no other: who waits in the pool gets it when its commands are answered. The last one
    /// stays shared, so that those who hold connections for long do not shut out everybody's plain commands; unless it is the only
    /// connection that there may be.
    ///
    /// - Parameter isWanted: whether someone is about to wait in the pool, besides those who do already.
    func makeRoom(isWanted: Bool = false) {
        let status = pool.status
        guard isWanted || status.waiting > 0, status.total >= status.maximum, status.idle == 0 else { return }
        guarded.withLock { $0.lanes.leave(1, keeping: status.maximum > 1 ? 1 : 0) }
        giveBackUnneeded()
    }

    /// Gives a connection back, as clean as it was or after cleaning.
    func release(_ lease: PoolLease<PooledRedis>) {
        if lease.connection.connection.isReusable {
            pool.release(lease)
        } else {
            pool.release(lease, verdict: .validate)
        }
    }

    /// Gives a connection back on whose use an error was thrown, and returns the error to throw.
    func release(_ lease: PoolLease<PooledRedis>, after error: any Error) -> any Error {
        // The connection knows better than the error what it needs.
        pool.release(lease, after: error, verdict: lease.connection.connection.isReusable ? .keep : .validate)
    }

    /// Runs the closure with a connection of its own.
    ///
    /// - Throws: when there is no connection, and only then: the closure has not run.
    func withExclusive<Value: Sendable>(
        until limit: Instant?, _ body: (RedisConnection) async -> Value
    ) async throws(RedisError) -> Value {
        let lease: PoolLease<PooledRedis>
        do {
            let left = limit.map { max(.zero, $0 - .now) }
            let longest = [left, pool.configuration.acquireTimeout].compactMap { $0 }.min()
            lease = try await acquire(timeout: longest, isScoped: true, isMeantToLast: true, file: #fileID, line: #line)
        } catch {
            throw .noConnection(error, endpoint)
        }
        let value = await body(lease.connection.connection)
        // A blocking command that was given up still holds up its connection: waiting for it is of no use.
        let connection = lease.connection.connection
        if connection.isReusable {
            pool.release(lease)
        } else {
            pool.release(lease, verdict: connection.lateReplies > 0 ? .discard : .validate)
        }
        return value
    }
}
