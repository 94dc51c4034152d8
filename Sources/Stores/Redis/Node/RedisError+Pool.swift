import Pooling
import RedisClient

extension RedisError {
    /// Why a command got no connection.
    static func noConnection(_ error: any Error, _ endpoint: RedisEndpoint?) -> RedisError {
        guard let error = error as? PoolError else {
            return RedisError(
                .cancelled, "the task was cancelled before the command was sent", remedy: "Nothing needs to be done.",
                endpoint: endpoint, underlying: error)
        }
        let cause = error.underlying as? RedisError
        let isDown = error.code == .unreachable || (error.status?.connectFailuresInARow ?? 0) > 0
        let code: Code =
            if error.code == .shutDown { .closedByClient } else if isDown, let cause { cause.code } else {
                .noConnection
            }
        var message = "pool \(error.pool): \(error.details)"
        if message.hasSuffix(".") { message.removeLast() }
        return RedisError(
            code, message, remedy: isDown ? cause?.remedy ?? error.remedy : error.remedy,
            reply: isDown ? cause?.reply : nil,
            endpoint: endpoint, underlying: error)
    }

    static func closed(pool: String, _ endpoint: RedisEndpoint?) -> RedisError {
        RedisError(
            .closedByClient, "pool \(pool): the pool has been shut down", remedy: "Stop work before its pools.",
            endpoint: endpoint)
    }

    /// The same, for a command, after several attempts.
    func naming(_ command: String, attempts: Int) -> RedisError {
        if attempts <= 1, self.command != nil { return self }
        let count = attempts <= 1 ? "" : " (attempt \(attempts))"
        return RedisError(
            code, message + count, remedy: remedy, reply: reply, command: self.command ?? command, endpoint: endpoint,
            mayHaveRun: mayHaveRun, underlying: underlying)
    }
}
