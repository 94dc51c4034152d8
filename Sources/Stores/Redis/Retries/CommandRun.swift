import Pooling
import RedisClient

/// Leads a command to its end: attempts and pauses, within its time limit.
struct CommandRun: Sendable {
    /// Sends once with a time limit, and waits for a connection until the moment at most.
    typealias Attempt =
        (RedisCommand, RedisCommand.Timeout, ContinuousClock.Instant?) async -> Result<RESPValue, RedisError>

    private let command: RedisCommand
    private let rule: RetryRule
    private let isRead: Bool
    /// How long all of it may take; nil for no limit.
    private let time: Duration?
    /// Not read precisely: this is done for each command, and looked at only when something fails.
    private let start: PoolInstant

    /// - Parameters:
    ///   - time: how long all of it may take; nil for no limit.
    ///   - start: when it began.
    init(_ command: RedisCommand, rule: RetryRule, time: Duration?, since start: PoolInstant = .roughlyNow()) {
        self.command = command
        self.rule = rule
        self.time = time
        isRead = command.isRead
        self.start = start
    }

    /// The time until the limit; nil without one.
    private var left: Duration? { time.map { $0 - PoolInstant.roughlyNow().since(start).duration } }

    /// All attempts.
    func all(_ attempt: Attempt) async throws(RedisError) -> RESPValue {
        // A write has all the time, as the command says itself.
        let timeout = isRead ? rule.timeout(isRead: true, attempts: 0, left: time) : command.timeout
        switch await attempt(command, timeout, time.map { .now + $0 }) {
        case .success(let value): return value
        case .failure(let error): return try await again(after: error, attempt)
        }
    }

    /// All attempts after the first one.
    func again(after error: RedisError, _ attempt: Attempt) async throws(RedisError) -> RESPValue {
        var error = error
        var attempts = 1
        while true {
            let pause = rule.pause(
                after: error, isRead: isRead, attempts: attempts, left: left, entropy: .random(in: .min ... .max))
            guard let pause, await CommandRun.sleep(pause) else { throw error.naming(command.name, attempts: attempts) }
            let left = left.map { max(.milliseconds(1), $0) }
            let timeout = rule.timeout(isRead: isRead, attempts: attempts, left: left)
            switch await attempt(command, timeout, left.map { .now + $0 }) {
            case .success(let value):
                return value
            case .failure(let next):
                error = next
                attempts += 1
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
