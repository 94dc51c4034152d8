/// Bytes of Redis: a value, a field, a member.
typealias Bytes = [UInt8]

/// What a key of Redis holds, as far as units can compute with it.
enum CacheContent: Hashable, Sendable {
    case none
    case string(Bytes)
    case hash([Bytes: Bytes])
    case set(Set<Bytes>)
    case sortedSet([Bytes: Double])
    /// A list, a stream or a module's type.
    case other(String)

    /// The type's name as the command TYPE gives it.
    var typeName: String {
        switch self {
        case .none: "none"
        case .string: "string"
        case .hash: "hash"
        case .set: "set"
        case .sortedSet: "zset"
        case .other(let name): name
        }
    }
}

/// A key's content with its expiry.
struct CacheEntry: Hashable, Sendable {
    var content: CacheContent = .none
    /// In milliseconds since 1970; nil for never.
    var expiresAt: Int64?

    static let absent = CacheEntry()

    /// What is left of it at a moment, in milliseconds since 1970.
    func asOf(_ moment: Int64) -> CacheEntry {
        guard let expiresAt, expiresAt <= moment else { return self }
        return .absent
    }
}
