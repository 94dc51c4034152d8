extension CoordinatorCore {
    /// Adds a change of a key to the unit's.
    ///
    /// - Parameter revision: of the unit's changes, from which the change was computed; nil if it was not.
    /// - Returns: false, and nothing is added, if another task of the body has changed something since.
    @discardableResult
    func write(
        _ effect: CacheEffect, to key: CacheKey, for id: UnitID, computedAt revision: Int? = nil
    ) async throws -> Bool {
        guard participants.cache != nil else { throw TransactionError.notConfigured(.redis) }
        try effect.checkPossible(for: key)
        try await lockToChange(id, .key(key))
        while true {
            let unit = try inBody(id)
            try checkQuarantine(key)
            let current = unit.cacheRevision
            if let revision, revision != current { return false }
            let type = try await typeBefore(effect, of: key, for: unit)
            _ = try inBody(id)
            guard unit.cacheRevision == current else { continue }
            // Said outright, so that changes of before that are sent again can't meet a key of this type.
            if type == .absent { unit.cache.add(.delete, to: key) }
            unit.cache.add(effect, to: key)
            unit.cacheRevision += 1
            unit.work += 1
            return true
        }
    }

    /// The number of the unit's changes to Redis so far.
    func cacheRevision(_ id: UnitID) throws -> Int { try live(id).cacheRevision }

    private enum TypeBefore {
        case fits, absent
    }

    /// Makes sure, before anything is decided, that a change fits the key's type: one that Redis refuses later can't be
    /// undone in the other stores.
    private func typeBefore(_ effect: CacheEffect, of key: CacheKey, for unit: Unit) async throws -> TypeBefore {
        guard let needed = effect.neededType else { return .fits }
        let type: String
        let (point, typeLeft) = cacheState.withLock { ($0.queue.readPoint, $0.queue.typeLeft(of: key)) }
        switch unit.cache.typeLeft(of: key) ?? typeLeft {
        case needed, "none": return .fits
        case nil:
            let answer = try await reading(key, from: point) { cache, number in
                try await cache.ask(.type, of: key, after: number)
            }
            guard case .bytes(let name) = answer else { return .fits }
            type = String(decoding: name, as: UTF8.self)
        default:
            // Of another type, or perhaps emptied: fine if it is, or has expired.
            type = try await entry(of: key, for: unit.id).content.typeName
        }
        switch type {
        case needed: return .fits
        case "none": return .absent
        default: throw TransactionError.wrongType(key, CacheTypeMismatch(found: type, needed: needed))
        }
    }
}

extension CacheEffect {
    /// Throws for changes that Redis would refuse after the decision, whatever the key holds.
    fileprivate func checkPossible(for key: CacheKey) throws {
        guard !key.bytes.starts(with: RedisFunctions.ownKeys) else {
            throw TransactionError(
                .misuse, "the Redis key \(key) is one of Trivet's own",
                remedy: "Use keys that don't begin with trivet:.")
        }
        switch self {
        case .set(_, let moment?) where moment <= 0, .expire(let moment?) where moment <= 0:
            throw TransactionError(
                .unsupported, "the expiry \(moment) of the Redis key \(key) is no moment after 1970",
                remedy: "Give milliseconds since 1970; use delete to remove the key.")
        case .setScores(let scores) where scores.contains { $0.score.isNaN }:
            throw TransactionError(
                .unsupported, "a score in the Redis key \(key) is not a number", remedy: "Give numbers or infinities.")
        default: return
        }
    }
}
