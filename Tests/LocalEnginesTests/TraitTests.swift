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

    @Test(.redisCluster(nodes: 6)) func aTestHasAClusterOfItsOwn() async throws {
        let cluster = try RedisCluster.current
        #expect(cluster.nodes.count == 6)
    }

    @Test(.temporaryDirectory) func aTestHasAFolderOfItsOwn() throws {
        #expect(names(in: try TemporaryDirectory.current.path).isEmpty)
    }

    @Test(.redisServer, .temporaryDirectory) func traitsGoTogether() throws {
        #expect(try TemporaryDirectory.current.path != RedisServer.current.folder)
    }

    @Test func withoutTheTraitTheErrorNamesIt() {
        let error = #expect(throws: MissingFixture.self) { try RedisServer.current }
        #expect(error?.description.contains("trait .redisServer") == true)
        #expect(throws: MissingFixture.self) { try RedisCluster.current }
        #expect(throws: MissingFixture.self) { try TemporaryDirectory.current }
    }

    @Test func aFailureShowsTheServersLog() async throws {
        let (comments, collected) = AsyncStream<String>.makeStream()
        let trait = RedisServerTrait.redisServer
        let test = try #require(Test.current)
        // The outer handler sees the issue after the trait's own has added to it, and keeps it from failing this test.
        let collect = IssueHandlingTrait.compactMapIssues { issue in
            collected.yield(issue.comments.map(\.rawValue).joined())
            return nil
        }
        try await collect.provideScope(for: test, testCase: Test.Case.current) {
            try await trait.provideScope(for: test, testCase: Test.Case.current) {
                Issue.record("on purpose")
                Issue.record("once more")
            }
        }
        collected.finish()
        let found = await comments.reduce(into: []) { $0.append($1) }
        #expect(found.count == 2)
        #expect(found.first?.contains("eady to accept connections") == true)
        #expect(found.last == "once more")
    }

    @Test func aMissingEngineIsAnErrorAndNotASkip() async throws {
        let trait = RedisServerTrait.redisServer(.init(executable: "/nowhere/redis-server"))
        let test = try #require(Test.current)
        await #expect(throws: LocalEngineError.self) {
            try await trait.provideScope(for: test, testCase: Test.Case.current) {
                Issue.record("the test must not run")
            }
        }
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
