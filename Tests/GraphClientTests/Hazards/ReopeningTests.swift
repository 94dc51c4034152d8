import CGraphEngine
import Foundation
import Testing
import Threads
import TrivetTesting

@testable import GraphClient

/// The engine's database is closed and opened again under its sessions, after checkpoints and certain rollbacks.
@Suite("P1: the database is opened again while sessions live on (H8, H17, H20)", .timeLimit(.minutes(5)))
struct ReopeningTests {
    private func withDatabase<T: Sendable>(_ body: (GraphDatabase) async throws -> T) async throws -> T {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, v INT64)")
                    try await session.execute("UNWIND range(1, 10) AS i CREATE (:T {id: i, v: 0})")
                }
                return try await body(database)
            }
        }
    }

    @Test("H8: sessions with prepared statements, and one closed meanwhile, outlive the engine's database")
    func sessionsLiveOn() async throws {
        try await withDatabase { database in
            try await database.withSession { other in
                let closed = try await database.openSession()
                _ = try await closed.query("MATCH (t:T {id: $id}) RETURN t.v", ["id": 1])
                _ = try await other.query("MATCH (t:T {id: $id}) RETURN t.v", ["id": 1])
                try await database.withSession { session in
                    try await session.run { connection in
                        let count = try connection.prepare("MATCH (t:T) WHERE t.id <= $id RETURN count(*)")
                        for round in 1...3 {
                            let before = connection.link
                            try connection.checkpoint()
                            #expect(before.isGone && connection.link !== before)
                            #expect(try count.query(["id": round]).scalar(Int.self) == round)
                        }
                    }
                }
                await closed.close()
                for id in 1...3 {
                    let found = try await other.query("MATCH (t:T {id: $id}) RETURN t.v", ["id": id]).scalar(Int.self)
                    #expect(found == 0)
                    try await other.transaction { try $0.execute("MATCH (t:T {id: $id}) SET t.v = 1", ["id": id]) }
                }
                let sum = try await other.query("MATCH (t:T) RETURN sum(t.v)").scalar(Int.self)
                #expect(sum == 3)
            }
        }
    }

    @Test("H8: readers, writers, new sessions and checkpoints together")
    func traffic() async throws {
        try await withDatabase { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for round in 0..<10 {
                            try await database.withSession { session in
                                try await session.execute(
                                    "CREATE (:T {id: $id, v: 1})", ["id": 100 + worker * 10 + round])
                                let found = try await session.transaction(.readOnly) { connection in
                                    try (0..<2).map { _ in
                                        try connection.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                                    }
                                }
                                #expect(found[0] == found[1] && found[0] > 10)
                            }
                        }
                    }
                }
                group.addTask { for _ in 0..<5 { try await database.checkpoint() } }
                try await group.waitForAll()
            }
            let count = try await database.withSession {
                try await $0.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
            }
            #expect(count == 50)
        }
    }

    @Test("H8: the engine's connections are gone when their database is closed under them, and say so")
    func goneConnection() async throws {
        try await withDatabase { database in
            try await database.withSession { session in
                try await session.run { connection in
                    let intruder = try GraphConnection(database: connection.database)
                    try connection.reopenDatabase()
                    let failure = errorText { try intruder.executeUnchecked("RETURN 1") }
                    #expect(failure.contains("is closed"))
                    #expect(try intruder.query("RETURN 1").scalar(Int.self) == 1)
                }
            }
        }
    }

    @Test("H8: when the database does not open again, every call says why, closing works, and nothing is lost")
    func doesNotOpen() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.execute("CREATE (:T {id: 1})")
                }
                let session = try await database.openSession()
                _ = try await session.query("MATCH (t:T {id: $id}) RETURN t.id", ["id": 1])
                try await session.run { connection in
                    let failure = errorText {
                        try connection.reopenDatabase { throw GraphError.unexpectedResult("a broken disk") }
                    }
                    #expect(failure.contains("a broken disk"))
                }
                for call in ["MATCH (t:T) RETURN count(*)", "CREATE (:T {id: 2})"] {
                    await #expect {
                        try await session.query(call)
                    } throws: { error in
                        "\(error)".contains("a broken disk") && "\(error)".contains(path)
                    }
                }
                #expect(!session.isIntact)
                await #expect(throws: GraphError.self) { try await database.checkpoint() }
                await session.close()
            }
            let count = try await GraphDatabase.withDatabase(at: path) { database in
                try await database.withSession { try await $0.query("MATCH (t:T) RETURN count(*)").scalar(Int.self) }
            }
            #expect(count == 1)
        }
    }

    @Test("H5: the lock on the database stays held while it is opened again")
    func lockStaysHeld() async throws {
        try await withDatabase { database in
            try await database.withSession { session in
                try await session.run { connection in
                    let path = connection.database.path
                    try connection.reopenDatabase {
                        let refusal = errorText { _ = try DatabaseLock(forDatabaseAt: path, shared: false) }
                        #expect(refusal.contains("in use by this process"))
                    }
                }
            }
        }
    }

    @Test(
        "H17: after a rolled-back change nothing is due, and connections stay, where nothing of it is kept",
        .enabled(if: (try? GraphEngine.Kind.preferred().capabilities.keepsRolledBackUpdates) == false))
    func rollbackCostsNothing() async throws {
        try await withDatabase { database in
            try await database.withSession { session in
                try await session.run { connection in
                    let link = connection.link
                    for round in 1...3 {
                        try? connection.transaction { () throws -> Void in
                            try connection.execute("MATCH (t:T {id: 1}) SET t.v = -1")
                            throw CancellationError()
                        }
                        #expect(!connection.database.needsCheckpoint)
                        try connection.execute("MATCH (t:T {id: 1}) SET t.v = $v", ["v": round])
                        let found = try connection.query("MATCH (t:T {id: 1}) RETURN t.v").scalar(Int.self)
                        #expect(found == round && connection.link === link)
                    }
                }
            }
        }
    }

    @Test(
        "H17: after a rolled-back change the database is opened again, and no checkpoint is made",
        .enabled(if: (try? GraphEngine.Kind.preferred().capabilities.keepsRolledBackUpdates) == true))
    func rollbackReopens() async throws {
        try await withDatabase { database in
            try await database.withSession { session in
                try await session.execute("MATCH (t:T {id: 1}) SET t.v = 1")
                let log = database.logSize
                for round in 2...4 {
                    do {
                        try await session.transaction { connection in
                            try connection.execute("MATCH (t:T {id: 1}) SET t.v = -1")
                            throw CancellationError()
                        }
                    } catch {}
                    #expect(database.isCheckpointDue)
                    let isCheckpointed = try await database.prepareToWrite()
                    #expect(!isCheckpointed && !database.isCheckpointDue)
                    try await session.execute("MATCH (t:T {id: 1}) SET t.v = $v", ["v": round])
                    let found = try await session.query("MATCH (t:T {id: 1}) RETURN t.v").scalar(Int.self)
                    #expect(found == round)
                }
                #expect(database.logSize > log)
            }
        }
    }

    @Test(
        "H17: after a rolled-back change with a long log, a checkpoint is made, and tells so",
        .enabled(if: (try? GraphEngine.Kind.preferred().capabilities.keepsRolledBackUpdates) == true))
    func rollbackWithLongLog() async throws {
        try await withDatabase { database in
            try await database.withSession { session in
                while !database.core.isLogLong {
                    let first = try await session.query("MATCH (t:T) RETURN max(t.id)").scalar(Int.self) + 1
                    try await session.execute(
                        "UNWIND range($first, $first + 20000) AS i CREATE (:T {id: i, v: 0})", ["first": first])
                }
                try await session.execute("MATCH (t:T {id: 1}) SET t.v = 1")
                do {
                    try await session.transaction { connection in
                        try connection.execute("MATCH (t:T {id: 1}) SET t.v = -1")
                        throw CancellationError()
                    }
                } catch {}
                let isCheckpointed = try await database.prepareToWrite()
                #expect(isCheckpointed && database.logSize == 0 && !database.isCheckpointDue)
                try await session.execute("MATCH (t:T {id: 1}) SET t.v = 2")
                let found = try await session.query("MATCH (t:T {id: 1}) RETURN t.v").scalar(Int.self)
                #expect(found == 2)
            }
        }
    }
}

/// What `body` throws: closures in `#expect(throws:)` are mixed up by the compiler (6.3.1).
func errorText(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}
