import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing
import Threads

@testable import Transactions

/// Holes that were found in the protocol before it was built, and that no other suite reproduces. All of them are listed
/// in the chapter "Rules of the protocol" of the documentation.
@Suite struct RuleTests {
    @Test("† A reader that has begun sees what was there then, though it has read nothing yet")
    func readersAreFixed() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            let begun = Event()
            let leased = try await PooledReaders(sqlite: coordinator.sqlite, graph: coordinator.graph).acquire()
            // Holds for itself what BEGIN alone would give, to show that it would not be enough.
            try await coordinator.sqlite.withReader { bare in
                try await bare.run { try $0.beginTransaction(.deferred) }
                let view = StoreView(
                    id: SnapshotID(rawValue: 1), number: 1, of: leased, state: SnapshotState(maximumAge: .seconds(60))
                ) {
                    begun.happen()
                }
                view.begin()
                await begun.wait()
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                let count: @Sendable (Database) throws -> Int = {
                    try Int.fetchOne($0, sql: "SELECT count(*) FROM users") ?? 0
                }
                #expect(try await bare.run(count) == 2)
                #expect(try await view.readRecords(count) == 1)
                #expect(try await view.readGraph("MATCH (u:User) RETURN count(*)", [:]).scalar(Int.self) == 1)
                try await bare.run { try $0.rollback() }
                leased.giveBack(after: view)
            }
            try await stores.expectWorks(after: [1, 2])
        }
    }

    @Test("† A savepoint that a body leaves open in SQLite takes nothing of the commit with it")
    func openSavepoint() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "SAVEPOINT mine") }
                    try await txn.addUser(1)
                    try await txn.savepoint { txn in
                        try await txn.sqlite { try $0.execute(sql: "SAVEPOINT inner_one") }
                        try await txn.addUser(2)
                    }
                }
                try await coordinator.transaction { txn in try await txn.addUser(3) }
                try await stores.expectUsers([1, 2, 3], in: coordinator)
            }
            // The journal's rows are there too.
            let rows = try await DatabaseQueue(path: stores.sqlite).read {
                try Int.fetchAll($0, sql: "SELECT number FROM trivet_journal ORDER BY number")
            }
            #expect(rows == [1, 2])
        }
    }

    @Test("† Redis is frozen: snapshots open beside the commit that waits for it, and see it")
    func slowRedis() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                stores.server.suspend()
                let waits = Event()
                let unit = Task {
                    try await coordinator.transaction(TransactionOptions(cacheTimeLimit: .seconds(60))) { txn in
                        try await txn.addUser(2)
                        waits.happen()
                    }
                }
                await waits.wait()
                while await coordinator.counters.committed < 2 { try await Task.sleep(for: .milliseconds(1)) }
                let seen = try await coordinator.snapshot { snapshot in
                    let sqlite = try await snapshot.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
                    let graph = try await snapshot.graph("MATCH (u:User) RETURN count(*)").scalar(Int.self)
                    // From what Redis does not have yet.
                    return (sqlite, graph, try await snapshot.redis.get("user:2"))
                }
                #expect(seen == (2, 2, "user 2"))
                stores.server.resume()
                try await unit.value
                try await stores.untilCaughtUp(coordinator)
            }
        }
    }

    @Test("† The marker does not fill the graph's buffer pool, as one node that changes would")
    func markerIsLight() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let commits = 600
            func used(_ pool: GraphPool) async throws -> Int {
                try await pool.query("CALL bm_info() RETURN mem_usage").scalar(Int.self)
            }
            let lane = ThreadExecutor(name: "trivet-lane")
            let nodes = try await GraphPool.open(at: folder.path(of: "nodes.graph"), lane: lane)
            let before = try await used(nodes)
            try await MarkerWriter(lane).commit(commits, in: nodes)
            let byNodes = try await used(nodes) - before
            await nodes.shutdown()

            let update = try await GraphPool.open(at: folder.path(of: "update.graph"))
            try await update.execute("CREATE NODE TABLE M(id INT64 PRIMARY KEY, number INT64)")
            try await update.execute("CREATE (:M {id: 0, number: 0})")
            let start = try await used(update)
            for number in 1...commits {
                try await update.execute("MATCH (m:M {id: 0}) SET m.number = $number", ["number": number])
            }
            let byUpdates = try await used(update) - start
            await update.shutdown()
            #expect(byNodes * 4 < byUpdates, "\(byNodes) against \(byUpdates) bytes")
        }
    }

    @Test("† A process that is started meanwhile does not keep the stores' locks")
    func locksAreNotInherited() async throws {
        try await DurableStores.with { stores in
            let child = Process()
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                child.executableURL = URL(fileURLWithPath: "/bin/sleep")
                child.arguments = ["60"]
                try child.run()
            }
            defer { child.terminate() }
            try await stores.withCoordinator { coordinator in
                #expect(child.isRunning)
                try await stores.expectUsers([1], in: coordinator)
            }
        }
    }
}

/// Uses the graph's participant where the coordinator does: on its thread.
private actor MarkerWriter {
    private nonisolated let lane: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(_ lane: ThreadExecutor) {
        self.lane = lane
    }

    func commit(_ count: Int, in pool: GraphPool) async throws {
        let participant = KuzuParticipant(pool)
        try await participant.acquire()
        defer { participant.release() }
        try participant.adopt("identity")
        for number in 1...count {
            try participant.begin(expecting: nil)
            try participant.commit(number: UInt64(number))
        }
        #expect(try participant.marker() == UInt64(count))
    }
}
