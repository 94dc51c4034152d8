import Stores

/// What a unit of work locks.
enum LockName: Hashable, Sendable {
    /// A store with one writer: SQLite or the graph, as a whole.
    case store(StoreKind)
    /// A key of Redis.
    case key(CacheKey)
    /// A lock of the user's own, which Trivet gives no meaning.
    case named(String)
    /// The graph as open transactions below serializable see it: shared by them, held alone by whoever has to put the
    /// engine in order first, which it can't do while anybody reads.
    case graphViews
    /// An idempotency key, so that two units with the same one don't run at the same time.
    case idempotencyKey(String)
}

extension LockName: CustomStringConvertible {
    /// As it stands in errors.
    var description: String {
        switch self {
        case .store(.sqlite): "SQLite"
        case .store(.graph): "the graph"
        case .store(.redis): "Redis"
        case .key(let key): "the Redis key \(key)"
        case .named(let name): "the lock \"\(name)\""
        case .graphViews: "what others read of the graph"
        case .idempotencyKey(let key): "the idempotency key \"\(key)\""
        }
    }
}

/// How a lock is held.
enum LockMode: Hashable, Sendable {
    /// Beside others that are shared.
    case shared
    /// Alone.
    case exclusive

    func agrees(with other: LockMode) -> Bool { self == .shared && other == .shared }
}

/// One attempt of a unit of work. Later ones have higher numbers.
struct UnitID: Hashable, Sendable, Comparable, CustomStringConvertible {
    let rawValue: UInt64

    var description: String { "unit \(rawValue)" }

    static func < (a: UnitID, b: UnitID) -> Bool { a.rawValue < b.rawValue }
}
