/// A change of a key, in absolute terms: having it applied twice is the same as once, and a whole row of them can be
/// applied again from any point on.
enum CacheEffect: Hashable, Sendable {
    /// The whole value, whatever the key held.
    case set(Bytes, expiresAt: Int64?)
    case delete
    case setFields([CacheField])
    case removeFields([Bytes])
    case addMembers([Bytes])
    case removeMembers([Bytes])
    case setScores([CacheScore])
    case removeScored([Bytes])
    /// When the key expires, in milliseconds since 1970; nil for never. Nothing happens to a key that is not there.
    case expire(at: Int64?)

    /// The type that the key must have, if it exists; nil where any will do.
    var neededType: String? {
        switch self {
        case .set, .delete, .expire: nil
        case .setFields, .removeFields: "hash"
        case .addMembers, .removeMembers: "set"
        case .setScores, .removeScored: "zset"
        }
    }

    /// What ``typeLeft(by:)`` says where the key may have become empty, and so be gone.
    static let unknownType = "unknown"

    /// The type that a row of changes leaves; nil if it doesn't tell.
    static func typeLeft(by effects: [CacheEffect]) -> String? {
        for effect in effects.reversed() {
            switch effect {
            case .set: return "string"
            case .delete: return "none"
            case .expire: continue
            case .removeFields, .removeMembers, .removeScored: return unknownType
            default: return effect.neededType
            }
        }
        return nil
    }

    /// Whether nothing of what the key held matters any more.
    var replacesAll: Bool {
        switch self {
        case .set, .delete: true
        default: false
        }
    }
}

/// A field of a hash.
struct CacheField: Hashable, Sendable {
    var name: Bytes
    var value: Bytes
}

/// A member of a sorted set.
struct CacheScore: Hashable, Sendable {
    var member: Bytes
    var score: Double
}

/// A key holds a value of another type than a change or a read needs.
struct CacheTypeMismatch: Error, Hashable {
    var found: String
    var needed: String
}

extension CacheEntry {
    /// What the key holds after a change.
    ///
    /// - Throws: ``CacheTypeMismatch``; the entry is as before.
    mutating func apply(_ effect: CacheEffect) throws(CacheTypeMismatch) {
        // Collections are taken out before they are changed: one that is held twice is copied as a whole.
        switch effect {
        case .set(let value, let expiresAt):
            self = CacheEntry(content: .string(value), expiresAt: expiresAt)
        case .delete:
            self = .absent
        case .expire(let moment):
            if content != .none { expiresAt = moment }
        case .setFields(let fields):
            var hash = try self.fields(of: effect)
            content = .none
            for field in fields { hash[field.name] = field.value }
            replace(.hash(hash), isEmpty: hash.isEmpty)
        case .removeFields(let names):
            var hash = try self.fields(of: effect)
            content = .none
            for name in names { hash[name] = nil }
            replace(.hash(hash), isEmpty: hash.isEmpty)
        case .addMembers(let members):
            var set = try memberSet(of: effect)
            content = .none
            set.formUnion(members)
            replace(.set(set), isEmpty: set.isEmpty)
        case .removeMembers(let members):
            var set = try memberSet(of: effect)
            content = .none
            set.subtract(members)
            replace(.set(set), isEmpty: set.isEmpty)
        case .setScores(let scores):
            var sorted = try self.scores(of: effect)
            content = .none
            for score in scores { sorted[score.member] = score.score }
            replace(.sortedSet(sorted), isEmpty: sorted.isEmpty)
        case .removeScored(let members):
            var sorted = try self.scores(of: effect)
            content = .none
            for member in members { sorted[member] = nil }
            replace(.sortedSet(sorted), isEmpty: sorted.isEmpty)
        }
    }

    /// A collection that has become empty is gone, and its expiry with it, as in Redis.
    private mutating func replace(_ content: CacheContent, isEmpty: Bool) {
        if isEmpty { self = .absent } else { self.content = content }
    }

    private func fields(of effect: CacheEffect) throws(CacheTypeMismatch) -> [Bytes: Bytes] {
        switch content {
        case .none: [:]
        case .hash(let fields): fields
        default: throw mismatch(effect)
        }
    }

    private func memberSet(of effect: CacheEffect) throws(CacheTypeMismatch) -> Set<Bytes> {
        switch content {
        case .none: []
        case .set(let members): members
        default: throw mismatch(effect)
        }
    }

    private func scores(of effect: CacheEffect) throws(CacheTypeMismatch) -> [Bytes: Double] {
        switch content {
        case .none: [:]
        case .sortedSet(let scores): scores
        default: throw mismatch(effect)
        }
    }

    private func mismatch(_ effect: CacheEffect) -> CacheTypeMismatch {
        CacheTypeMismatch(found: content.typeName, needed: effect.neededType ?? "any")
    }
}
