import RedisClient

extension RetryRule {
    /// Leads a command to its end: attempts and pauses, within its time limit.
    ///
    /// - Parameters:
    ///   - time: how long all of it may take; nil for no limit.
    ///   - attempt: sends once, and waits for a connection until the limit at most.
    func perform(
        _ command: RedisCommand, within time: Duration?,
        _ attempt: (RedisCommand, ContinuousClock.Instant?) async throws(RedisError) -> RESPValue
    ) async throws(RedisError) -> RESPValue {
        let isRead = command.isRead
        let limit = time.map { ContinuousClock.now + $0 }
        var attempts = 0
        while true {
            var current = command
            // The first attempt of a write has all the time, as the command says itself.
            if attempts > 0 || isRead {
                let left = attempts > 0 ? limit.map { max(.milliseconds(1), $0 - .now) } : time
                let share = attemptTimeout(isRead: isRead, attempts: attempts, left: left)
                current.timeout = share.map { .after($0) } ?? .never
            }
            attempts += 1
            do throws(RedisError) {
                return try await attempt(current, limit)
            } catch {
                let left = limit.map { $0 - .now }
                let pause = pause(
                    after: error, isRead: isRead, attempts: attempts, left: left, entropy: .random(in: .min ... .max))
                guard let pause, await RetryRule.sleep(pause) else {
                    throw error.naming(command.name, attempts: attempts)
                }
            }
        }
    }

    /// - Returns: false if the task was cancelled.
    static func sleep(_ pause: Duration) async -> Bool {
        do {
            try await Task.sleep(for: pause)
            return true
        } catch {
            return false
        }
    }
}
