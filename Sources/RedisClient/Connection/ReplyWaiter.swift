/// Who is told what a request came to.
///
/// The continuations are the unsafe kind, which saves an allocation for each command; ``ConnectionState`` hands each waiter out
/// exactly once, and its tests check just that.
enum ReplyWaiter: Sendable {
    case one(UnsafeContinuation<Result<RESPValue, RedisError>, Never>)
    case many(UnsafeContinuation<[Result<RESPValue, RedisError>], Never>)
    case callback(@Sendable (Outcome) -> Void)
    case nobody
}

extension Completion where Waiter == ReplyWaiter {
    func perform() {
        switch (self.waiter, self.outcome) {
        case (.one(let continuation), .one(let result)):
            continuation.resume(returning: result)
        case (.many(let continuation), .many(let results)):
            continuation.resume(returning: results)
        case (.callback(let call), let outcome):
            call(outcome)
        case (.nobody, _):
            break
        case (.one(let continuation), .many(let results)):
            continuation.resume(returning: results.first ?? .success(.null))
        case (.many(let continuation), .one(let result)):
            continuation.resume(returning: [result])
        }
    }
}
