import Pooling
import RedisClient
import Synchronization

/// A connection as its pool sees it.
struct PooledRedis: PoolableConnection {
    let connection: RedisConnection

    var isUsable: Bool { connection.isOpen }

    /// Makes a connection fit for its next user, or throws if it is not: undoes what was changed, and waits until everything that was
    /// asked has been answered.
    func renew() async throws {
        if !connection.isClean { try await connection.restoreSession() }
        do {
            _ = try await connection.send(RedisCommand("PING"))
        } catch {
            // A user who may not say PING gets an answer too.
            guard error.reply != nil else { throw error }
        }
        guard connection.isReusable else {
            throw RedisError(
                .refused, "the connection came back in use", remedy: "Do not let connections out of their scopes.",
                endpoint: connection.endpoint)
        }
    }
}

/// A connection that tasks share.
final class SharedRedis: SharedLink {
    let lease: PoolLease<PooledRedis>
    let connection: RedisConnection
    private let commands = Atomic<Int>(0)

    init(_ lease: PoolLease<PooledRedis>) {
        self.lease = lease
        connection = lease.connection.connection
    }

    var isUsable: Bool { connection.isOpen }
    var isSilent: Bool { connection.isSilent }
    var load: Int { commands.load(ordering: .acquiring) }

    func changeLoad(by weight: Int) -> Int { commands.add(weight, ordering: .acquiringAndReleasing).newValue }
}

/// Calls back when connections are lost: what is called is there only after what opens connections.
final class LossHook: Sendable {
    private let action = PoolLock<(@Sendable () -> Void)?>(nil)

    func set(_ body: @escaping @Sendable () -> Void) {
        action.withLock { $0 = body }
    }

    func fire() {
        action.withLock { $0 }?()
    }
}
