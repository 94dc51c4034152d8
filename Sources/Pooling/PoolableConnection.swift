/// What a pool needs to know of a connection by itself.
public protocol PoolableConnection: Sendable {
    /// Whether the connection may work, as far as is known without asking the other side.
    ///
    /// Read at each acquire and release, so it must be quick and must not block. Default true.
    var isUsable: Bool { get }
}

extension PoolableConnection {
    /// True: only a probe tells.
    @inlinable public var isUsable: Bool { true }
}

/// What an error says about the connection it happened on.
public enum ErrorVerdict: Sendable, Hashable {
    /// The connection works: the error was about what was asked of it.
    case keep
    /// Unknown: probe the connection before it is used again.
    case validate
    /// The connection is broken.
    case discard
}

/// How connections are opened, probed and closed.
///
/// The pool limits the time of each call: after that it cancels the call's task and goes on without it. A connection that comes from
/// `open` too late is closed.
public struct ConnectionFactory<Connection: PoolableConnection>: Sendable {
    let open: @Sendable () async throws -> Connection
    let validate: @Sendable (Connection) async throws -> Void
    let close: @Sendable (Connection) async -> Void
    let interrupt: @Sendable (Connection) -> Void
    let verdict: @Sendable (any Error) -> ErrorVerdict
    let isLasting: @Sendable (any Error) -> Bool

    /// A factory.
    ///
    /// - Parameters:
    ///   - open: opens a connection. Runs in a task of the pool's own, so it outlives whoever asked for it.
    ///   - validate: probes a connection that nobody uses at that time, and throws if it does not work.
    ///   - close: closes a connection that nobody uses any more. Called once for each connection.
    ///   - interrupt: makes what runs on the connection fail soon. Called on a connection in use when the pool's shutdown reaches its
    ///     deadline; must not block. The connection is closed when its user gives it back.
    ///   - verdict: what an error thrown in a connection's scope says about the connection. By default it is probed after any error.
    ///   - isLasting: whether an error of `open` will come again, as with wrong credentials. Then those who wait are told at once. By
    ///     default none is.
    public init(
        open: @escaping @Sendable () async throws -> Connection,
        validate: @escaping @Sendable (Connection) async throws -> Void = { _ in },
        close: @escaping @Sendable (Connection) async -> Void,
        interrupt: @escaping @Sendable (Connection) -> Void = { _ in },
        verdict: @escaping @Sendable (any Error) -> ErrorVerdict = { _ in .validate },
        isLasting: @escaping @Sendable (any Error) -> Bool = { _ in false }
    ) {
        self.open = open
        self.validate = validate
        self.close = close
        self.interrupt = interrupt
        self.verdict = verdict
        self.isLasting = isLasting
    }
}
