import RedisClient

/// Whether a command is sent again, and when: a value without clock.
///
/// Invariants (RetryRuleTests): nothing that may have run is sent again unless it only reads; never more often than allowed; never
/// later than the time limit.
struct RetryRule: Sendable {
    let retries: RedisPoolConfiguration.Retries

    /// How long to wait before a command is sent again; nil if it is not.
    ///
    /// - Parameters:
    ///   - attempts: how often it has been sent.
    ///   - left: the time until its limit; nil without one.
    ///   - entropy: random bits.
    func pause(
        after error: RedisError, isRead: Bool, attempts: Int, left: Duration?, entropy: UInt64
    ) -> Duration? {
        guard attempts <= retries.maximum, mayRepeat(after: error, isRead: isRead) else { return nil }
        let doublings = min(max(attempts - 1, 0), 20)
        let full = min(retries.backOff * (1 << doublings), retries.maximumBackOff)
        let pause = full / 2 + full / 2 * (Double(entropy >> 11) * 0x1p-53)
        if let left, pause >= left { return nil }
        return pause
    }

    private func mayRepeat(after error: RedisError, isRead: Bool) -> Bool {
        if error.mayHaveRun { return isRead && (error.code == .timeout || error.code == .connectionClosed) }
        if let reply = error.reply { return ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains(reply.code) }
        return error.code == .connectionClosed || error.code == .clusterUnavailable
    }

    /// How long an attempt may take; nil for no limit.
    ///
    /// - Parameters:
    ///   - attempts: how often the command has been sent before.
    ///   - left: the time until its limit; nil without one.
    func attemptTimeout(isRead: Bool, attempts: Int, left: Duration?) -> Duration? {
        guard isRead, attempts < retries.maximum, let limit = retries.attemptTimeout else { return left }
        return left.map { min($0, limit) } ?? limit
    }

    /// ``attemptTimeout(isRead:attempts:left:)`` as a command takes it.
    func timeout(isRead: Bool, attempts: Int, left: Duration?) -> RedisCommand.Timeout {
        attemptTimeout(isRead: isRead, attempts: attempts, left: left).map { .after($0) } ?? .never
    }
}
