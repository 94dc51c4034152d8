/// A question about one key of Redis.
enum CacheQuery: Hashable, Sendable {
    /// Its type's name; "none" where there is no key.
    case type
    case string
    case exists
    /// When it expires.
    case expiry
    case field(Bytes)
    case fields
    case isMember(Bytes)
    case members
    case score(Bytes)
    /// Members by ascending score, those with the same score by their bytes, as Redis orders them.
    case ranking
}

/// The answer, whether Redis gave it or it was computed.
enum CacheAnswer: Hashable, Sendable {
    case nothing
    case bytes(Bytes)
    case flag(Bool)
    case moment(Int64)
    case fields([Bytes: Bytes])
    case members(Set<Bytes>)
    case score(Double)
    case ranking([CacheScore])
}

extension CacheEntry {
    /// The answer that Redis would give.
    func answer(_ query: CacheQuery) throws(CacheTypeMismatch) -> CacheAnswer {
        switch query {
        case .type: return .bytes(Bytes(content.typeName.utf8))
        case .exists: return .flag(content != .none)
        case .expiry: return expiresAt.map { .moment($0) } ?? .nothing
        default: break
        }
        switch (query, content) {
        case (.fields, .none): return .fields([:])
        case (.members, .none): return .members([])
        case (.ranking, .none): return .ranking([])
        case (.isMember, .none): return .flag(false)
        case (_, .none): return .nothing
        case (.string, .string(let value)): return .bytes(value)
        case (.field(let name), .hash(let fields)): return fields[name].map { .bytes($0) } ?? .nothing
        case (.fields, .hash(let fields)): return .fields(fields)
        case (.isMember(let member), .set(let members)): return .flag(members.contains(member))
        case (.members, .set(let members)): return .members(members)
        case (.score(let member), .sortedSet(let scores)): return scores[member].map { .score($0) } ?? .nothing
        case (.ranking, .sortedSet(let scores)):
            return .ranking(scores.map { CacheScore(member: $0.key, score: $0.value) }.sorted { $0.precedes($1) })
        default: throw CacheTypeMismatch(found: content.typeName, needed: query.neededType ?? "any")
        }
    }
}

extension CacheScore {
    fileprivate func precedes(_ other: CacheScore) -> Bool {
        score != other.score ? score < other.score : member.lexicographicallyPrecedes(other.member)
    }
}

extension CacheQuery {
    /// The type that the key must have, if it exists; nil where any will do.
    var neededType: String? {
        switch self {
        case .string: "string"
        case .field, .fields: "hash"
        case .isMember, .members: "set"
        case .score, .ranking: "zset"
        case .type, .exists, .expiry: nil
        }
    }
}
