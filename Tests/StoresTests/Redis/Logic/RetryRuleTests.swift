import RedisClient
import Testing

@testable import Stores

@Suite("Redis pools: what is sent again")
struct RetryRuleTests {
    private let rule = RetryRule(
        retries: .init(maximum: 2, backOff: .milliseconds(20), maximumBackOff: .milliseconds(30)))

    private func pause(
        _ error: RedisError, isRead: Bool = false, attempts: Int = 1, left: Duration? = .seconds(1), entropy: UInt64 = 0
    ) -> Duration? {
        rule.pause(after: error, isRead: isRead, attempts: attempts, left: left, entropy: entropy)
    }

    private func error(_ code: RedisError.Code, reply: String? = nil, mayHaveRun: Bool = false) -> RedisError {
        RedisError(
            code, "m", remedy: "r", reply: reply.map { RESPErrorReply("\($0) text") }, mayHaveRun: mayHaveRun)
    }

    @Test("P2: what may have run is sent again only if it reads")
    func mayHaveRun() {
        for code in [RedisError.Code.timeout, .connectionClosed] {
            #expect(pause(error(code, mayHaveRun: true)) == nil)
            #expect(pause(error(code, mayHaveRun: true), isRead: true) != nil)
        }
        for code in [RedisError.Code.cancelled, .serverError, .unexpectedReply, .protocolViolation, .closedByClient] {
            #expect(pause(error(code, mayHaveRun: true), isRead: true) == nil)
        }
    }

    @Test("P2: what has certainly not run is sent again, if that can help")
    func certainlyNot() {
        #expect(pause(error(.connectionClosed)) != nil)
        #expect(pause(error(.serverError, reply: "LOADING")) != nil)
        #expect(pause(error(.serverError, reply: "WRONGTYPE")) == nil)
        #expect(pause(error(.serverError, reply: "READONLY"), isRead: true) == nil)
        for code in [RedisError.Code.refused, .cancelled, .noConnection, .closedByClient, .authenticationFailed] {
            #expect(pause(error(code)) == nil)
        }
    }

    @Test("P2: repetitions are bounded in number and in time, and their pauses grow and are random")
    func bounds() {
        let lost = error(.connectionClosed)
        #expect(pause(lost, attempts: 2) != nil && pause(lost, attempts: 3) == nil)
        #expect(pause(lost, left: .milliseconds(5)) == nil && pause(lost, left: nil) != nil)
        #expect(pause(lost, entropy: 0) == .milliseconds(10))
        #expect(pause(lost, attempts: 2, entropy: 0) == .milliseconds(15))
        let most = pause(lost, entropy: .max)
        #expect(most.map { $0 > .milliseconds(19) && $0 <= .milliseconds(20) } == true)
        #expect(RetryRule(retries: .never).pause(after: lost, isRead: true, attempts: 1, left: nil, entropy: 0) == nil)
    }

    @Test("P2: a read has a part of its time for each attempt, the last one all that is left")
    func attemptTimes() {
        #expect(rule.attemptTimeout(isRead: true, attempts: 0, left: .seconds(10)) == .seconds(3))
        #expect(rule.attemptTimeout(isRead: true, attempts: 0, left: .seconds(1)) == .seconds(1))
        #expect(rule.attemptTimeout(isRead: true, attempts: 2, left: .seconds(4)) == .seconds(4))
        #expect(rule.attemptTimeout(isRead: true, attempts: 0, left: nil) == .seconds(3))
        #expect(rule.attemptTimeout(isRead: false, attempts: 0, left: .seconds(10)) == .seconds(10))
        #expect(rule.attemptTimeout(isRead: false, attempts: 0, left: nil) == nil)
    }

    @Test("P2: which commands read, which block, which need a connection of their own")
    func commands() {
        func use(_ command: RedisCommand) -> String {
            switch command.connectionUse {
            case .shared: "shared"
            case .exclusive: "exclusive"
            case .held: "held"
            }
        }
        for name in ["GET", "SET", "XADD", "get", "BITCOUNT", "ZADD", "EVAL", "FT.SEARCH", "WORLD"] {
            #expect(use(RedisCommand(name, "k")) == "shared", "\(name)")
        }
        #expect(use(RedisCommand("XREAD", "STREAMS", "s", "0")) == "shared")
        #expect(use(RedisCommand("XREAD", "block", 0, "STREAMS", "s", "0")) == "exclusive")
        for name in ["BLPOP", "brpop", "BLMOVE", "BZMPOP"] { #expect(use(RedisCommand(name, "k", 0)) == "exclusive") }
        for name in [
            "SELECT", "AUTH", "MULTI", "WATCH", "SUBSCRIBE", "RESET", "QUIT", "CLIENT REPLY", "CLIENT TRACKING", "WAIT",
            "WAITAOF", "wait", "HELLO", "MONITOR", "",
        ] {
            #expect(use(RedisCommand(name)) == "held", "\(name)")
        }
        for name in ["GET", "HGETALL", "PING", "SCAN", "get"] { #expect(RedisCommand(name, "k").isRead, "\(name)") }
        for name in ["SET", "GETDEL", "INCR", "EVAL", "FT.SEARCH", "BLPOP"] { #expect(!RedisCommand(name, "k").isRead) }
    }
}
