import Testing
import TrivetTesting

@testable import LocalEngines

@Suite struct TraitTests {
    @Test(.redisServer) func aTestHasAServerOfItsOwn() async throws {
        let reply = try await RedisServer.current.control(["DBSIZE"])
        #expect(reply == .text("0"))
    }

    @Test(.redisServer(.init(transport: .tcp)), arguments: [1, 2]) func eachCaseHasAServerOfItsOwn(number: Int)
        async throws
    {
        let reply = try await RedisServer.current.control(["INCRBY", "n", "\(number)"])
        #expect(reply == .text("\(number)"))
    }

    @Test func withoutTheTraitTheErrorNamesIt() {
        #expect(throws: MissingFixture.self) { try RedisServer.current }
    }

    @Suite(.redisServer, .serialized) struct ASuite {
        @Test(arguments: [1, 2, 3]) func sharesOneServer(number: Int) async throws {
            let reply = try await RedisServer.current.control(["INCR", "n"])
            #expect(reply == .text("\(number)"))
        }

        @Test func another() async throws {
            _ = try RedisServer.current
        }
    }
}
