import RedisClient
import Testing
import TrivetTesting

@testable import LocalEngines

@Suite("The server's own benchmark")
struct RedisBenchmarkToolTests {
    @Test("Its figure is the second field of the last row")
    func parsing() {
        #expect(RedisBenchmarkTool.rate(in: "\"test\",\"rps\"\n\"GET\",\"153846.16\",\"0.1\"\n") == 153_846.16)
        #expect(RedisBenchmarkTool.rate(in: "\"GET\",\"99.5\"") == 99.5)
        #expect(RedisBenchmarkTool.rate(in: "") == nil && RedisBenchmarkTool.rate(in: "Could not connect") == nil)
    }

    @Test("It is beside redis-server, and measures a server of ours", .redisServer)
    func live() async throws {
        let server = try RedisServer.current
        let tool = try RedisBenchmarkTool(beside: server.executable)
        let rate = try await tool.get(from: server.endpoint, connections: 2, depth: 10, requests: 1_000)
        #expect(rate > 0)
    }

    @Test("Where it is missing, the error says what to install")
    func missing() async throws {
        let executable = try await RedisExecutable.find()
        let elsewhere = RedisExecutable(path: "/nowhere/redis-server", version: executable.version)
        do {
            _ = try RedisBenchmarkTool(beside: elsewhere)
            Issue.record("it was found")
        } catch let error as LocalEngineError {
            #expect(error.code == .missing && error.remedy?.contains("redis-tools") == true)
        }
    }
}
