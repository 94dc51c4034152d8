import Testing

@testable import RedisClient

/// What is said before a connection is ready, and what the answers mean.
@Suite struct HandshakeTests {
    private func handshake(_ configuration: RedisConnection.Configuration) -> Handshake {
        Handshake(configuration: configuration, endpoint: .tcp(host: "h"))
    }

    private func error(_ line: String, _ command: String) -> Result<RESPValue, RedisError> {
        .failure(RedisError(reply: RESPErrorReply(line), command: command, endpoint: nil))
    }

    @Test("P2: credentials, name and database leave together")
    func opening() {
        let all = self.handshake(.init(username: "u", password: "p", database: 3, clientName: "n"))
        #expect(
            all.opening == [
                RedisCommand("HELLO", 3, "AUTH", "u", "p"), RedisCommand("CLIENT SETNAME", "n"),
                RedisCommand("SELECT", 3),
            ])
        #expect(self.handshake(.init(password: "p")).opening == [RedisCommand("HELLO", 3, "AUTH", "default", "p")])
        let old = self.handshake(.init(password: "p", protocolVersion: .resp2))
        #expect(old.opening == [RedisCommand("AUTH", "p"), RedisCommand("PING")])
    }

    @Test(
        "P2: a server without HELLO gets RESP2", arguments: ["ERR unknown command 'HELLO'", "NOPROTO no", "NOPERM no"])
    func fallBack(line: String) {
        let handshake = self.handshake(.init())
        guard case .fallBack(let commands) = handshake.judge(handshake.opening, [self.error(line, "HELLO")]) else {
            Issue.record("no fall-back")
            return
        }
        #expect(commands == [RedisCommand("PING")])
        guard case .ready(.resp2) = handshake.judge(commands, [.success(.simpleString("PONG"))]) else {
            Issue.record("not ready")
            return
        }
    }

    @Test("P2: a wrong password says so", arguments: ["WRONGPASS invalid", "NOAUTH HELLO must be called"])
    func authentication(line: String) {
        let handshake = self.handshake(.init())
        guard case .failed(let error) = handshake.judge(handshake.opening, [self.error(line, "HELLO")]) else {
            Issue.record("not failed")
            return
        }
        #expect(error.code == .authenticationFailed)
        #expect(error.remedy.contains("password"))
    }
}
