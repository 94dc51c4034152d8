import GRDB
import Testing
import Trivet
import TrivetTesting

/// What a transaction over SQLite, Kùzu and Redis promises. Each test is an example that can be read by itself; what people do is in ``Community``.
@Suite("Transactions across databases", .timeLimit(.minutes(5)))
struct CrossDatabaseTransactionTests {
    // MARK: Consistency

    @Test(
        "T1, S2: while 25 tasks write to three stores at once, whoever reads them together finds the same in each",
        .coordinator(prepare: Community.found))
    func consistency() async throws {
        let community = try Community.current
        for id in 0...25 { try await community.signUp(id, "person \(id)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 1...25 {
                group.addTask {
                    for _ in 0..<4 {
                        try await community.follow(id, 0)
                        try await community.unfollow(id, 0)
                    }
                    try await community.follow(id, 0)
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    let counts = try await community.followers(of: 0)
                    #expect(Set(counts).count == 1, "the stores counted \(counts)")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await community.followers(of: 0) == [25, 25, 25])
        let report = try await ConsistencyVerifier(community.coordinator, mappings: Community.mappings).verify()
        #expect(report.isConsistent, "\(report.differences)")
        // 26 people with a node and a key each, 25 relationships; and transactions that ran together have shared commits.
        #expect(report.parts.map(\.rows) == [26, 25, 0] && report.parts.map(\.graphElements) == [26, 25, 0])
        let counters = await community.coordinator.counters
        #expect(counters.groups < counters.committed)
    }

    @Test(
        "T8: the verifier names what is missing, what is too much and what differs, in the store where it is",
        .coordinator(prepare: Community.found))
    func differences() async throws {
        let community = try Community.current
        for id in 1...3 { try await community.signUp(id, "person \(id)") }
        try await community.follow(1, 2)
        // Somebody writes around the transactions.
        let redis = try RedisPool.current
        _ = try await redis.del("person:1")
        try await redis.set("person:4", "{\"id\":4,\"name\":\"a ghost\"}")
        try await community.coordinator.graph?.execute("MATCH (p:Person {id: 3}) SET p.name = 'nobody'")
        try await community.coordinator.graph?.execute("MATCH (:Person)-[f:Follows]->(:Person) DELETE f")

        let report = try await ConsistencyVerifier(community.coordinator, mappings: Community.mappings).verify()
        let found = Set(report.differences.map { "\($0.store.rawValue) \($0.kind.rawValue) \($0.mapping)" })
        #expect(
            found == ["redis missing people", "redis extra people", "graph different people", "graph missing follows"])
        #expect(report.differenceCount == 4)
    }

    @Test(
        "T4: two transactions that want the same two things in opposite orders both happen, without anybody's help",
        .coordinator(prepare: Community.found))
    func deadlock() async throws {
        let coordinator = try Coordinator.current
        // Each holds its first key before it asks for its second. When one of them is run again, nobody waits any more.
        let bothHaveOne = Gathering(of: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for keys in [["tea", "cake"], ["cake", "tea"]] {
                group.addTask {
                    try await coordinator.transaction { txn in
                        try await txn.redis.increment(CacheKey(keys[0]))
                        await bothHaveOne.join()
                        try await txn.redis.increment(CacheKey(keys[1]))
                    }
                }
            }
            try await group.waitForAll()
        }
        let counters = await coordinator.counters
        #expect(counters.deadlocks >= 1 && counters.committed >= 2)
        #expect(try await RedisPool.current.mget(["tea", "cake"]) == ["2", "2"])
    }

    // MARK: A journey

    @Test(
        "S6: a journey: sign up, follow, post, read the feed, unfollow, leave: after each step the stores agree",
        .coordinator(prepare: Community.found))
    func journey() async throws {
        let community = try Community.current
        let verifier = ConsistencyVerifier(community.coordinator, mappings: Community.mappings)
        func expectAgreement(after step: Comment) async throws {
            let report = try await verifier.verify()
            #expect(report.isConsistent, step)
        }
        try await community.signUp(1, "Ada")
        try await community.signUp(2, "Grace")
        try await expectAgreement(after: "sign up")

        try await community.follow(2, 1)
        #expect(try await community.followers(of: 1) == [1, 1, 1])
        try await expectAgreement(after: "follow")

        try await community.post(1, "Notes on the analytical engine")
        try await community.post(1, "Note G")
        try await expectAgreement(after: "post")
        #expect(try await community.feed(of: 2) == ["Note G", "Notes on the analytical engine"])
        #expect(try await community.feed(of: 1) == [])

        try await community.unfollow(2, 1)
        try await community.post(1, "Unread")
        #expect(try await community.followers(of: 1) == [0, 0, 0])
        #expect(try await community.feed(of: 2).count == 2)
        try await expectAgreement(after: "unfollow")

        try await community.leave(1)
        try await expectAgreement(after: "leave")
        #expect(try await community.feed(of: 2) == [])
        #expect(
            try await community.everything(in: .current).contains { $0.contains("Ada") || $0.contains("Note") } == false
        )
    }

    // MARK: Roll-back

    /// What can go wrong while a transaction works.
    enum Trouble: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case thrownAfterSQLite = "the body throws after it wrote to SQLite"
        case thrownAfterGraph = "the body throws after it wrote to the graph, too"
        case thrownAfterRedis = "the body throws after it wrote everywhere"
        case sqliteRefuses = "SQLite refuses a statement"
        case graphRefuses = "the graph refuses a statement"
        case redisHoldsAnotherType = "a key of Redis holds something else"
        case cancelled = "its task is cancelled"
        case timeIsUp = "it takes longer than it may"

        var testDescription: String { rawValue }

        /// What the caller is told.
        func isTold(by error: any Error) -> Bool {
            switch self {
            case .thrownAfterSQLite, .thrownAfterGraph, .thrownAfterRedis:
                error as? Community.Refusal == .secondThoughts
            case .sqliteRefuses: (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT
            case .graphRefuses: "\(error)".contains("duplicate")
            case .redisHoldsAnotherType: (error as? TransactionError)?.code == .wrongType
            case .cancelled: error is CancellationError
            case .timeIsUp: (error as? TransactionError)?.code == .deadlineExceeded
            }
        }
    }

    @Test(
        "T2, S7: of a transaction that fails nothing is left in any store, and the caller learns why",
        .coordinator(prepare: Community.found), arguments: Trouble.allCases)
    func rollback(_ trouble: Trouble) async throws {
        let community = try Community.current
        try await community.signUp(1, "Ada")
        try await community.signUp(2, "Grace")
        try await community.follow(2, 1)
        let before = try await community.everything(in: .current)
        var options = TransactionOptions()
        if trouble == .timeIsUp { options.timeLimit = .milliseconds(200) }

        let isAtWork = Gathering(of: 2)
        let attempt = Task {
            try await community.coordinator.transaction(options) { txn in
                try await txn.sqlite { db in
                    try db.execute(sql: "UPDATE people SET name = 'Augusta' WHERE id = 1")
                    try db.execute(sql: "INSERT INTO people VALUES (3, 'Mary')")
                    if trouble == .sqliteRefuses { try db.execute(sql: "INSERT INTO people VALUES (4, 'Grace')") }
                }
                if trouble == .thrownAfterSQLite { throw Community.Refusal.secondThoughts }
                try await txn.graph.execute("CREATE (:Person {id: 3, name: 'Mary'})")
                if trouble == .graphRefuses { try await txn.graph.execute("CREATE (:Person {id: 1, name: 'Ada'})") }
                if trouble == .thrownAfterGraph { throw Community.Refusal.secondThoughts }
                try await txn.redis.set("person:3", "Mary")
                try await txn.redis.increment("followers:1", by: 5)
                if trouble == .redisHoldsAnotherType { try await txn.redis.hset("person:1", ["name": "Augusta"]) }
                switch trouble {
                case .cancelled:
                    await isAtWork.join()
                    // A body that does not look whether it is cancelled comes to its end, which must not count.
                    try? await Task.sleep(for: .seconds(60))
                case .timeIsUp:
                    try await Task.sleep(for: .seconds(60))
                default:
                    throw Community.Refusal.secondThoughts
                }
            }
        }
        if trouble == .cancelled {
            await isAtWork.join()
            attempt.cancel()
        }
        let result = await attempt.result
        #expect(throws: (any Error).self) { try result.get() }
        if case .failure(let error) = result { #expect(trouble.isTold(by: error), "\(error)") }
        let after = try await community.everything(in: .current)
        #expect(after == before)
        // And the next one finds nothing in its way.
        try await community.signUp(3, "Mary")
    }

    @Test(
        "T6: a part that fails is taken back alone, in all three stores, and the rest of the transaction happens",
        .coordinator(prepare: Community.found))
    func savepoint() async throws {
        let community = try Community.current
        try await community.coordinator.transaction { txn in
            try await txn.sqlite { try $0.execute(sql: "INSERT INTO people VALUES (1, 'Ada')") }
            try await txn.graph.execute("CREATE (:Person {id: 1, name: 'Ada'})")
            try await txn.redis.set("person:1", #"{"id":1,"name":"Ada"}"#)
            do {
                try await txn.savepoint { txn in
                    try await txn.sqlite { try $0.execute(sql: "UPDATE people SET name = 'Augusta'") }
                    try await txn.graph.execute("MATCH (p:Person) SET p.name = 'Augusta'")
                    try await txn.redis.set("person:1", #"{"id":1,"name":"Augusta"}"#)
                    throw Community.Refusal.secondThoughts
                }
            } catch Community.Refusal.secondThoughts {}
        }
        let report = try await ConsistencyVerifier(community.coordinator, mappings: Community.mappings).verify()
        #expect(report.isConsistent && report.parts[0].rows == 1)
        #expect(try await RedisPool.current.get("person:1") == #"{"id":1,"name":"Ada"}"#)
    }

    @Test(
        "T6: a request that comes twice, as after a lost answer, happens once and gets the same answer",
        .coordinator(prepare: Community.found))
    func idempotency() async throws {
        let community = try Community.current
        try await community.signUp(1, "Ada")
        func ask() async throws -> (value: Int, receipt: Receipt) {
            try await community.coordinator.transaction(idempotencyKey: "request 4711") { txn in
                try await txn.redis.increment("post:count")
                return try await txn.sqlite { db in
                    try db.execute(sql: "INSERT INTO posts (author, text) VALUES (1, 'once')")
                    return Int(db.lastInsertedRowID)
                }
            }
        }
        let (first, second) = (try await ask(), try await ask())
        #expect(first.value == second.value && !first.receipt.isRepetition && second.receipt.isRepetition)
        #expect(try await RedisPool.current.get("post:count", as: Int.self) == 1)
        let posts = try await community.coordinator.sqlite.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM posts")
        }
        #expect(posts == 1)
    }

    @Test(
        "T2: when Redis is away a transaction happens all the same; Redis gets it when it is back",
        .coordinator(prepare: Community.found))
    func redisIsAway() async throws {
        let (coordinator, server, redis) = (try Coordinator.current, try RedisServer.current, try RedisPool.current)
        await server.kill()
        var options = TransactionOptions()
        options.cacheTimeLimit = .milliseconds(50)
        let (_, receipt) = try await coordinator.transactionWithReceipt(options) { txn in
            try await txn.sqlite { try $0.execute(sql: "INSERT INTO people VALUES (1, 'Ada')") }
            try await txn.redis.set("person:1", "Ada")
        }
        #expect(!receipt.isCacheApplied && receipt.stores == [.sqlite, .redis])
        try await server.restart()
        try await eventually { (try? await redis.get("person:1")) == "Ada" }
    }

    @Test(
        "T5: after a restart everything acknowledged is in all stores, even what Redis has lost meanwhile",
        .redisServer, .temporaryDirectory)
    func restart() async throws {
        let (server, folder) = (try RedisServer.current, try TemporaryDirectory.current)
        func open<Value: Sendable>(_ body: (Community, RedisPool) async throws -> Value) async throws -> Value {
            try await RedisPool.withPool(to: server.endpoint) { redis in
                try await Coordinator.withCoordinator(
                    sqlite: folder.path(of: "community.sqlite"), graph: folder.path(of: "community.graph"), redis: redis
                ) { try await body(Community(coordinator: $0), redis) }
            }
        }
        let before = try await open { community, redis in
            try await Community.found(community.coordinator)
            try await community.signUp(1, "Ada")
            try await community.signUp(2, "Grace")
            try await community.follow(2, 1)
            return try await community.everything(in: redis)
        }
        try await server.restart(empty: true)
        try await open { community, redis in
            let recovery = community.coordinator.recovery
            #expect(recovery.epoch == 2 && recovery.cacheReplayed == 3 && !recovery.cacheWasDiscarded)
            try await eventually { try await community.everything(in: redis) == before }
        }
    }

    // MARK: Cache synchronisation

    /// Runs a synchronizer for the length of `body`, as a service group does for the length of a service.
    private func following(
        _ coordinator: Coordinator, _ body: (CacheSynchronizer) async throws -> Void
    ) async throws {
        let synchronizer = try CacheSynchronizer(coordinator, mappings: Community.mappings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await synchronizer.run() }
            try await synchronizer.waitUntilCurrent()
            try await body(synchronizer)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test(
        "T7: a row's key follows when it is made, changed and deleted by plain SQL; how long that took is measured",
        .coordinator(prepare: Community.found))
    func followsPlainWrites() async throws {
        let (coordinator, redis) = (try Coordinator.current, try RedisPool.current)
        try await following(coordinator) { synchronizer in
            let steps = [
                ("INSERT INTO people VALUES (1, 'Ada')", #"{"id":1,"name":"Ada"}"#),
                ("UPDATE people SET name = 'Augusta'", #"{"id":1,"name":"Augusta"}"#),
                ("DELETE FROM people", nil),
            ]
            for (statement, expected) in steps {
                try await coordinator.sqlite.write { try $0.execute(sql: statement) }
                try await synchronizer.waitUntilCurrent()
                let found = try await redis.get("person:1")
                #expect(found == expected, "after \(statement)")
            }
            // It tells of a step when the step is over, which is a moment after Redis has it.
            try await eventually { synchronizer.status.rows == 3 && synchronizer.status.backlog == 0 }
            let status = synchronizer.status
            #expect(status.lag.count >= 3 && status.lag.longest > .zero && status.lastError == nil)
        }
    }

    @Test(
        "T7: a transaction that changes a row in SQL alone changes its key in the same moment: nobody sees them apart",
        .coordinator(prepare: Community.found))
    func followsTransactions() async throws {
        let coordinator = try Coordinator.current
        try await following(coordinator) { synchronizer in
            let (_, receipt) = try await coordinator.transactionWithReceipt { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO people VALUES (1, 'Ada')") }
            }
            #expect(receipt.stores == [.sqlite, .redis])
            let name = try await coordinator.snapshot(of: [.redis]) { try await $0.redis.get("person:1") }
            #expect(name == #"{"id":1,"name":"Ada"}"#)
            // The synchronizer had nothing left to do.
            try await synchronizer.waitUntilCurrent()
            #expect(synchronizer.status.rows == 0)
        }
    }

    @Test(
        "T7: when Redis has lost everything, all keys are made anew", .coordinator(prepare: Community.found))
    func fillsRedis() async throws {
        let (coordinator, redis) = (try Coordinator.current, try RedisPool.current)
        try await coordinator.sqlite.write { db in
            for id in 1...100 { try db.execute(sql: "INSERT INTO people VALUES (?, ?)", arguments: [id, "\(id)"]) }
        }
        try await following(coordinator) { _ in
            let keys = (1...100).map { "person:\($0)" }
            let before = try await redis.mget(keys)
            #expect(before.compactMap(\.self).count == 100)
            try await RedisServer.current.restart(empty: true)
            try await eventually { (try? await redis.mget(keys)) == before }
        }
    }

    @Test(
        "T7: a value that a reader made of what was there before a transaction is not kept after it",
        .coordinator(prepare: Community.found))
    func staleValues() async throws {
        let (coordinator, redis) = (try Coordinator.current, try RedisPool.current)
        let community = Community(coordinator: coordinator)
        try await community.signUp(1, "Ada")
        @Sendable func names() async throws -> String? {
            try await coordinator.sqlite.read { try String.fetchOne($0, sql: "SELECT group_concat(name) FROM people") }
        }
        let overtaken = try await coordinator.cached("names") {
            let old = try await names()
            try await coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO people VALUES (2, 'Grace')") }
                try await txn.redis.delete("names")
            }
            return old
        }
        #expect(overtaken == "Ada")
        #expect(try await redis.get("names") == nil)
        #expect(try await coordinator.cached("names", names) == "Ada,Grace")
        #expect(try await redis.get("names") == "Ada,Grace")
    }
}
