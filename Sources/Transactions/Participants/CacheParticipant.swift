/// Redis, which follows the decision. Used from anywhere.
protocol CacheParticipant: Sendable {
    /// Makes changes in one atomic step, and moves the marker.
    ///
    /// Tells what the keys held before if the batch wants that.
    func apply(_ batch: CacheBatch) async -> CacheOutcome
    /// What a key holds.
    ///
    /// - Parameter number: what Redis must have: if it has lost something, the answer would be of before.
    /// - Throws: ``CacheLoss`` if it has not; what keeps Redis from answering.
    func load(_ key: CacheKey, after number: UInt64) async throws -> CacheEntry
    /// The answer to one question about a key.
    ///
    /// - Throws: ``CacheTypeMismatch``, and as `load`.
    func ask(_ query: CacheQuery, of key: CacheKey, after number: UInt64) async throws -> CacheAnswer
    /// Deletes the keys that match, since nobody knows which of them are stale.
    func discardManagedKeys(_ patterns: [String]) async throws
    /// Takes Redis over from earlier coordinators.
    func adopt() async throws -> CacheAdoption
    /// Moves the marker, or makes it, if it stands where it is expected; nil for nowhere.
    ///
    /// - Throws: ``CacheLoss`` with the marker's place if it stands elsewhere.
    func reset(from expected: UInt64?, to number: UInt64) async throws
}

/// What the marker in Redis says to a coordinator of its identity.
enum CacheAdoption: Equatable {
    /// There was none.
    case new
    case known(UInt64)

    var marker: UInt64? {
        if case .known(let marker) = self { marker } else { nil }
    }
}

/// Redis has lost acknowledged changes: it has everything up to this number only; nil if it has never heard of us.
struct CacheLoss: Error, Hashable {
    var marker: UInt64?
}

/// What became of changes sent to Redis.
enum CacheOutcome {
    /// They are made; `former` is what the keys held before, if that was wanted.
    case applied(former: [CacheKey: CacheEntry])
    /// Nothing is made, since Redis has everything up to this number already: an earlier attempt arrived without an
    /// answer.
    case had(UInt64)
    /// Redis lacks what came before them: it has everything up to this number, or has never heard of us.
    case behind(UInt64?)
    /// Redis belongs to another SQLite database, or a later coordinator has taken over.
    case refused(TransactionError)
    /// Redis will never take the change of a key.
    case rejected(CacheKey, reason: String)
    /// Not now; whether the changes were made is unknown, and doesn't matter.
    case unreachable(any Error)
}
