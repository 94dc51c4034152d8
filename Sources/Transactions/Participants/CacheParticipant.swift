/// Redis, which follows the decision. Used from anywhere.
protocol CacheParticipant: Sendable {
    /// Makes changes in one atomic step, and moves the marker.
    ///
    /// - Parameter wantsFormer: whether to tell what the keys held before.
    func apply(_ batch: CacheBatch, wantsFormer: Bool) async -> CacheOutcome
    /// What a key holds.
    func load(_ key: CacheKey) async throws -> CacheEntry
    /// The answer to one question about a key.
    ///
    /// - Throws: ``CacheTypeMismatch``, or what keeps Redis from answering.
    func ask(_ query: CacheQuery, of key: CacheKey) async throws -> CacheAnswer
    /// As `load`, from a Redis that has this number.
    ///
    /// - Throws: ``CacheLoss`` if it has not.
    func load(_ key: CacheKey, after number: UInt64) async throws -> CacheEntry
    /// As `ask`, of a Redis that has this number.
    ///
    /// - Throws: ``CacheLoss`` if it has not.
    func ask(_ query: CacheQuery, of key: CacheKey, after number: UInt64) async throws -> CacheAnswer
    /// Deletes the keys that match, since nobody knows which of them are stale.
    func discardManagedKeys(_ patterns: [String]) async throws
    /// Takes Redis over from earlier coordinators.
    func adopt() async throws -> CacheAdoption
    /// Moves the marker back, or makes it.
    func reset(to number: UInt64) async throws
}

/// What the marker in Redis says to a coordinator of its identity.
enum CacheAdoption: Equatable {
    /// There was none.
    case new
    case known(UInt64)
}

extension CacheParticipant {
    func load(_ key: CacheKey, after number: UInt64) async throws -> CacheEntry { try await load(key) }

    func ask(_ query: CacheQuery, of key: CacheKey, after number: UInt64) async throws -> CacheAnswer {
        try await ask(query, of: key)
    }
}

/// Redis has lost acknowledged changes: it has everything up to this number only; nil if it has never heard of us.
struct CacheLoss: Error, Hashable {
    var marker: UInt64?
}

/// What became of changes sent to Redis.
enum CacheOutcome {
    /// They are made; `former` is nil if they were before.
    case applied(former: [CacheKey: CacheEntry]?)
    /// They are made; before, Redis had everything up to this number already, and `former` is what it held then.
    case appliedOn(marker: UInt64, former: [CacheKey: CacheEntry])
    /// Redis lacks what came before them: it has everything up to this number, or has never heard of us.
    case behind(UInt64?)
    /// Redis belongs to another SQLite database, or a later coordinator has taken over.
    case refused(TransactionError)
    /// Redis will never take the change of a key.
    case rejected(CacheKey, reason: String)
    /// Not now; whether the changes were made is unknown, and doesn't matter.
    case unreachable(any Error)
}
