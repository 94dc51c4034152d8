import Foundation
public import RedisClient

extension Coordinator {
    /// The value of a key of Redis, made and stored there when it is missing.
    ///
    /// ```swift
    /// let profile = try await coordinator.cached("profile:\(id)", expiry: .seconds(60)) {
    ///     try await coordinator.sqlite.read { db in try String.fetchOne(db, sql: "SELECT …") }
    /// }
    /// ```
    ///
    /// What `make` returns is stored only if no transaction has changed the key since `make` was called: otherwise it
    /// may have been made from data of before, and would stay in Redis after the newer value, or after its deletion.
    /// Of many callers who miss a key at the same time, one makes the value, and the others wait for it.
    ///
    /// The guard knows the changes that transactions and the ``CacheSynchronizer`` make; a DEL or SET that is sent to
    /// Redis directly is none of them. When Redis can't be reached, `make` answers alone.
    /// - Parameters:
    ///   - expiry: how long a stored value stays; nil for ever.
    ///   - leaseTime: how long others wait for a caller that makes the value before they make it themselves.
    ///   - make: makes the value from the stores; nil for none, which is not stored. Must not be called within a
    ///     transaction's body.
    /// - Returns: nil if there is no value.
    /// - Throws: what `make` throws; ``TransactionError`` if the key holds something else than a string.
    public func cached<Value: RESPRenderable & RESPDecodable>(
        _ key: CacheKey, expiry: Duration? = nil, leaseTime: Duration = .seconds(3),
        _ make: @Sendable () async throws -> Value?
    ) async throws -> Value? {
        guard let participant = core.participants.cache as? RedisParticipant else {
            throw TransactionError.notConfigured(.redis)
        }
        let lease = RedisLease(participant, of: key)
        let deadline = ContinuousClock.now + leaseTime
        var pause = Duration.milliseconds(1)
        do {
            while true {
                if let found: Value = try await latest(key) { return found }
                if try await lease.take(for: leaseTime) { break }
                guard ContinuousClock.now < deadline else { return try await make() }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(20))
            }
        } catch is RedisError {
            return try await make()
        } catch let error as TransactionError where error.isTransient {
            // Redis does not answer, or is being brought up to date.
            return try await make()
        }
        let value: Value?
        do {
            // Again: it may have been filled between the look and the lease.
            if let found: Value = try? await latest(key) {
                _ = try? await lease.end(nil, expiresAt: nil)
                return found
            }
            value = try await make()
        } catch {
            _ = try? await lease.end(nil, expiresAt: nil)
            throw error
        }
        let expiresAt = expiry.map { Int64(Double.now) + max(1, Int64($0 / .milliseconds(1))) }
        // The value is right for this caller, stored or not.
        _ = try? await lease.end(value?.bytes, expiresAt: expiresAt)
        return value
    }

    /// What a key holds, with the changes of decided transactions that Redis does not have yet.
    private func latest<Value: RESPDecodable>(_ key: CacheKey) async throws -> Value? {
        guard case .bytes(let bytes) = try await core.ask(.string, of: key, at: .max) else { return nil }
        return try bytes.decode(Value.self)
    }
}
