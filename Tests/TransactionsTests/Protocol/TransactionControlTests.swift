import GRDB
import GraphClient
import Testing

@testable import Transactions

/// What a body must not do to the physical transaction, which is the coordinator's.
@Suite struct TransactionControlTests {
    @Test(
        "† Transaction control, ATTACH and pragmas that loosen durability are refused in a body, whole and quickly",
        arguments: [
            "COMMIT", "END", "ROLLBACK", "BEGIN", "BEGIN IMMEDIATE", "ATTACH DATABASE ':memory:' AS other",
            "PRAGMA synchronous = OFF", "PRAGMA journal_mode = DELETE", "VACUUM", "COMMIT; BEGIN IMMEDIATE",
            "ROLLBACK; BEGIN IMMEDIATE; INSERT INTO users VALUES (7, 'seven')",
        ])
    func refused(_ statement: String) async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.sqlite { db in try db.execute(sql: statement) }
                    let mode = try await txn.sqlite { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") }
                    // This one is answered with the mode that stays, instead of an error.
                    if statement.contains("journal_mode"), mode == "wal" { throw Refused() }
                }
            }
            #expect(error != nil)
            try await stores.expectUsers([])
            let synchronous = try await stores.coordinator.transaction { txn in
                try await txn.sqlite { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
            }
            #expect(synchronous == 2)
            try await stores.expectWorks(after: [])
        }
    }

    @Test(
        "† A body that catches the refusal and goes on does not get a part of its work committed",
        arguments: ["COMMIT", "ROLLBACK", "COMMIT; BEGIN IMMEDIATE", "ROLLBACK; BEGIN IMMEDIATE"])
    func caught(_ statement: String) async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try? await txn.sqlite { db in
                        for part in statement.split(separator: ";") { try? db.execute(sql: String(part)) }
                    }
                    try? await txn.sqlite { db in try db.execute(sql: "INSERT INTO users VALUES (2, 'two')") }
                    try? await txn.graph.execute("CREATE (:User {id: 2, name: 'two'})")
                    try? await txn.redis.set("user:2", "two")
                }
            }
            #expect("\(String(describing: error))".contains("savepoint"))
            try await stores.expectUsers([])
            try await stores.expectWorks(after: [])
        }
    }

    @Test("† ON CONFLICT ROLLBACK takes the whole unit with it, even when its error is caught")
    func conflictRollback() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            await expectFailure(.storeFailed, "ON CONFLICT ROLLBACK") {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(2)
                    try? await txn.sqlite { try $0.execute(sql: "INSERT OR ROLLBACK INTO users VALUES (1, 'again')") }
                    try await txn.redis.set("user:3", "three")
                }
            }
            try await stores.expectUsers([1])
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† Deferred foreign keys are checked before anything is decided")
    func deferredForeignKeys() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.sqlite.write { db in
                try db.execute(
                    sql: """
                        CREATE TABLE posts (id INTEGER PRIMARY KEY,
                            author INTEGER REFERENCES users(id) DEFERRABLE INITIALLY DEFERRED)
                        """)
            }
            await expectFailure(.storeFailed, "foreign") {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.sqlite { try $0.execute(sql: "INSERT INTO posts VALUES (1, 5)") }
                }
            }
            try await stores.expectUsers([])
            try await stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO posts VALUES (1, 5)") }
                try await txn.addUser(5)
            }
            try await stores.expectWorks(after: [5])
        }
    }

    @Test("† PRAGMA defer_foreign_keys does not outlive its unit")
    func deferForeignKeysIsReset() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.sqlite.write { db in
                try db.execute(
                    sql: "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users(id))")
            }
            _ = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "PRAGMA defer_foreign_keys = ON") }
                    throw Refused()
                }
            }
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { db in try db.execute(sql: "INSERT INTO posts VALUES (1, 5)") }
                    throw Refused()
                }
            }
            #expect(error is DatabaseError, "the insert was not checked at once: \(String(describing: error))")
        }
    }

    @Test("I1: what a unit writes beside rows (user_version, application_id, the schema) is committed too")
    func headerWrites() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "PRAGMA user_version = 7") }
            }
            try await stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "PRAGMA application_id = 9") }
            }
            try await stores.coordinator.transaction { txn in
                try await txn.sqlite { try $0.execute(sql: "CREATE VIEW everyone AS SELECT * FROM users") }
            }
            let found = try await stores.coordinator.sqlite.read { db in
                [
                    try Int.fetchOne(db, sql: "PRAGMA user_version"),
                    try Int.fetchOne(db, sql: "PRAGMA application_id"),
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM everyone"),
                ]
            }
            #expect(found == [7, 9, 0])
        }
    }

    @Test("† A plain write that lowers synchronous does not lower it for units")
    func synchronousIsFull() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            try await stores.coordinator.sqlite.withWriter { session in
                try await session.run { try $0.execute(sql: "PRAGMA synchronous = OFF") }
            }
            let synchronous = try await stores.coordinator.transaction { txn in
                try await txn.sqlite { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
            }
            #expect(synchronous == 2)
        }
    }

    @Test("† A statement that fails leaves no trace, and the unit goes on")
    func failedStatement() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try? await txn.sqlite { db in try db.execute(sql: "INSERT INTO users VALUES (2, 'two'), (1, 'again')") }
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† While another connection writes to SQLite, a unit waits without holding the lane, and then commits")
    func busy() async throws {
        try await LiveStores.with { stores in
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: stores.folder + "/records.sqlite", configuration: configuration)
            try await other.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
            async let waiting: Void = stores.coordinator.transaction { txn in
                try await txn.redis.set("user:1", "user 1")
                try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'user 1')") }
                try await txn.graph.execute("CREATE (:User {id: 1, name: 'user 1'})")
            }
            while await !stores.coordinator.core.isOpeningSQLite { try await Task.sleep(for: .milliseconds(1)) }
            let count = try await stores.coordinator.transaction { txn in
                try await txn.graph.query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
            }
            #expect(count == 0)
            await expectFailure(.deadlineExceeded) {
                try await stores.coordinator.transaction(TransactionOptions(timeLimit: .milliseconds(50))) { txn in
                    try await txn.redis.set("user:2", "user 2")
                }
            }
            try await other.writeWithoutTransaction { db in try db.execute(sql: "COMMIT") }
            try await waiting
            try await stores.expectWorks(after: [1])
        }
    }
}

extension CoordinatorCore {
    /// Whether a unit is about to begin in SQLite.
    fileprivate var isOpeningSQLite: Bool {
        units.values.contains { $0.opening.contains(.sqlite) && $0.lockWait == nil }
    }
}
