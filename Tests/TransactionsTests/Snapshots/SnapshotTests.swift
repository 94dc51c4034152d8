import GRDB
import GraphClient
import LocalEngines
import Pooling
import Stores
import Synchronization
import Testing

@testable import Transactions

@Suite struct SnapshotTests {
    @Test("T3, I3: a snapshot sees the three stores at one moment, while units commit")
    func agree() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            try await coordinator.sqlite.write { try $0.execute(sql: "INSERT INTO users VALUES (1, '0')") }
            try await coordinator.transaction { txn in
                try await txn.graph.execute("CREATE (:User {id: 1, name: '0'})")
                try await txn.redis.set("count", "0")
            }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 {
                            try await coordinator.transaction { txn in
                                let count = try await txn.redis.increment("count")
                                try await txn.graph.execute(
                                    "MATCH (u:User {id: 1}) SET u.name = $n", ["n": "\(count)"])
                                try await txn.sqlite {
                                    try $0.execute(sql: "UPDATE users SET name = ?", arguments: ["\(count)"])
                                }
                            }
                        }
                        return 0
                    }
                    group.addTask {
                        var seen = 0
                        for _ in 0..<50 {
                            try await coordinator.snapshot { snapshot in
                                let redis = try await snapshot.redis.get("count")
                                let graph = try await snapshot.graph("MATCH (u:User) RETURN u.name")
                                    .scalar(String.self)
                                let sqlite = try await snapshot.sqlite {
                                    try String.fetchOne($0, sql: "SELECT name FROM users")
                                }
                                #expect(redis == graph && graph == sqlite)
                            }
                            seen += 1
                        }
                        return seen
                    }
                }
                var seen = 0
                for try await count in group { seen += count }
                #expect(seen == 200)
            }
            #expect(try await stores.redis.get("count") == "100")
        }
    }

    @Test("T3, I3: what a snapshot sees was there when it began, whatever is committed before its first read")
    func firstReadAfterCommit() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            try await coordinator.snapshot { early in
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await expect([1], in: early)
                try await coordinator.snapshot { try await expect([1, 2], in: $0) }
            }
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3, I3: a snapshot sees what was written before it, also beside the coordinator, by whatever connection")
    func writesBeside() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                let stranger = try DatabaseQueue(path: stores.sqlite, configuration: FollowedStores.patient)
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                var last = 1
                func expectAll() async throws {
                    let (records, nodes) = try await coordinator.snapshot { snapshot in
                        (
                            try await snapshot.sqlite { try Int.fetchOne($0, sql: "SELECT max(id) FROM users") },
                            try await snapshot.graph("MATCH (u:User) RETURN max(u.id)").scalar(Int.self)
                        )
                    }
                    #expect(records == last && nodes == last)
                }
                for turn in 0..<120 {
                    try await expectAll()
                    last += 1
                    let id = last
                    if turn % 3 == 0 {
                        try await coordinator.transaction { txn in try await txn.addUser(id) }
                        continue
                    }
                    let insert: @Sendable (Database) throws -> Void = {
                        try $0.execute(sql: "INSERT INTO users VALUES (?, 'beside')", arguments: [id])
                    }
                    if turn % 3 == 1 {
                        try await stranger.write(insert)
                    } else {
                        try await coordinator.sqlite.write(insert)
                    }
                    try await coordinator.graph?.withWriter {
                        try await $0.execute("CREATE (:User {id: $id, name: 'beside'})", ["id": id])
                    }
                }
                try await expectAll()
                try stranger.close()
            }
        }
    }

    @Test(
        "T3, I7: beside a commit a snapshot opens where its readers show what was there before, and waits where nobody reads"
    )
    func besideCommit() async throws {
        try await LiveStores.with { stores in
            let (coordinator, gate) = (stores.coordinator, stores.coordinator.core.gate)
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            let committing = UnitID(rawValue: .max)
            /// Whether a snapshot was read while a commit was under way.
            func isReadBeside() async throws -> Bool {
                // Leaves its readers, for a moment.
                try await coordinator.snapshot { try await expect([1], in: $0) }
                let isAtOnce = gate.requestCommit(committing)
                #expect(isAtOnce)
                let done = Flag()
                let beside = Task {
                    defer { done.lower() }
                    try await coordinator.snapshot { try await expect([1], in: $0) }
                }
                while done.isUp, !gate.hasWaits { try await Task.sleep(for: .microseconds(100)) }
                let isBeside = !done.isUp
                gate.endCommit(committing, at: gate.number)
                try await beside.value
                return isBeside
            }
            try await coordinator.snapshot { outer in
                try await expect([1], in: outer)
                // On a busy machine the readers may have gone back before they are wanted.
                var turns = 0
                while turns < 200, try await !isReadBeside() { turns += 1 }
                #expect(turns < 200)
                try await expect([1], in: outer)
            }
            let isUnread = try await isReadBeside()
            #expect(!isUnread)
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3: what goes wrong in one snapshot is not found by the next, which share its readers")
    func flawsStay() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            for turn in 0..<8 {
                _ = try? await coordinator.snapshot { try await $0.graph("MATCH (u:User) RETURN u.nothing") }
                _ = try? await coordinator.snapshot { try await $0.sqlite { try $0.execute(sql: "SELECT nothing") } }
                _ = try? await coordinator.snapshot { try await $0.sqlite { try $0.execute(sql: "COMMIT") } }
                let cancelled = Task {
                    try await coordinator.snapshot { snapshot in
                        try await snapshot.graph("UNWIND range(1, 10000000) AS i RETURN sum(i * i % 7)")
                    }
                }
                try await Task.sleep(for: .milliseconds(turn % 4))
                cancelled.cancel()
                _ = try? await cancelled.value
                try await coordinator.snapshot { try await expect(turn == 0 ? [1] : [1, 2], in: $0) }
                if turn == 0 { try await coordinator.transaction { txn in try await txn.addUser(2) } }
            }
            #expect(await coordinator.core.isAtRest)
        }
    }

    private func expect(_ users: [Int], in snapshot: Snapshot) async throws {
        let records = try await snapshot.sqlite { try Int.fetchAll($0, sql: "SELECT id FROM users ORDER BY id") }
        let nodes = try await snapshot.graph("MATCH (u:User) RETURN u.id ORDER BY u.id").decode(Int.self)
        let isThere = try await snapshot.redis.exists("user:2")
        #expect(records == users && nodes == users && isThere == users.contains(2))
    }

    @Test("P1, I7: snapshots that follow each other share readers, who waits for one gets it, and idle ones go back")
    func readersAreKept() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var few = SQLitePoolConfiguration()
            (few.minimumConnections, few.maximumConnections) = (2, 2)
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "records.sqlite"), sqliteConfiguration: few
            ) { coordinator in
                func readers() -> PoolStatus? {
                    coordinator.sqlite.statuses.first { $0.name.hasSuffix("readers") }?.status
                }
                let before = readers()?.counters.acquired ?? 0
                for _ in 0..<100 {
                    try await coordinator.snapshot { try await $0.sqlite { _ = try $0.schemaVersion() } }
                }
                let acquired = (readers()?.counters.acquired ?? 0) - before
                #expect((1..<100).contains(acquired))
                // The only reader there is, while snapshots go on.
                let goesOn = Flag()
                async let snapshots: Void = {
                    while goesOn.isUp {
                        try await coordinator.snapshot { try await $0.sqlite { _ = try $0.schemaVersion() } }
                    }
                }()
                for _ in 0..<5 { try await coordinator.sqlite.read { _ = try $0.schemaVersion() } }
                goesOn.lower()
                try await snapshots
                while readers()?.leased != 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
        }
    }
}

private final class Flag: Sendable {
    private let state = Atomic(true)
    var isUp: Bool { state.load(ordering: .relaxed) }
    func lower() { state.store(false, ordering: .relaxed) }
}
