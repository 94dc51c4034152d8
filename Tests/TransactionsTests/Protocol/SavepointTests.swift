import GRDB
import GraphClient
import Testing

@testable import Transactions

@Suite struct SavepointTests {
    @Test("T6: savepoints nest, over three stores; what is taken back leaves nothing")
    func nested() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try await txn.savepoint { txn in
                    try await txn.addUser(2)
                    try? await txn.savepoint { txn in
                        try await txn.addUser(3)
                        throw Refused()
                    }
                    try await txn.addUser(4)
                    let count = try await txn.graph.query("MATCH (u:User) RETURN count(*)").scalar(Int.self)
                    let three = try await txn.redis.get("user:3")
                    #expect(count == 3 && three == nil)
                }
                try? await txn.savepoint { txn in
                    try await txn.addUser(5)
                    try await txn.savepoint { txn in try await txn.addUser(6) }
                    throw Refused()
                }
                try await txn.addUser(7)
            }
            try await stores.expectWorks(after: [1, 2, 4, 7])
        }
    }

    @Test("T6: a store that is first touched within a savepoint is taken back with it")
    func firstTouch() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try? await txn.savepoint { txn in
                    try await txn.savepoint { txn in try await txn.addUser(1) }
                    throw Refused()
                }
                try await txn.addUser(2)
            }
            try await stores.expectWorks(after: [2])
        }
    }

    @Test("T6: the error of a savepoint's body goes on to the caller, and to the transaction if nobody catches it")
    func uncaught() async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    try await txn.savepoint { txn in
                        try await txn.addUser(2)
                        throw Refused()
                    }
                }
            }
            #expect(error is Refused)
            try await stores.expectWorks(after: [])
        }
    }

    @Test("† ON CONFLICT ROLLBACK within a savepoint ends the unit: there is nothing to go back to")
    func lostTransaction() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            await expectFailure(.storeFailed, "ON CONFLICT ROLLBACK") {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(2)
                    try? await txn.savepoint { txn in
                        try await txn.sqlite { try $0.execute(sql: "INSERT OR ROLLBACK INTO users VALUES (1, '')") }
                    }
                    try? await txn.redis.set("user:3", "three")
                    try? await txn.graph.execute("CREATE (:User {id: 3, name: 'three'})")
                }
            }
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("T6: child tasks whose savepoints overlap get an error instead of each other's roll-back")
    func overlapping() async throws {
        try await LiveStores.with { stores in
            await expectFailure(.misuse, "savepoint") {
                try await stores.coordinator.transaction(.once) { txn in
                    let (outer, inner) = (Event(), Event())
                    async let first: Void = Self.fail(txn, addingUser: 1, begun: outer, until: inner)
                    await outer.wait()
                    let error = await Self.error(of: { try await Self.add(txn, 2) })
                    inner.happen()
                    try? await first
                    if let error { throw error }
                }
            }
            try await stores.expectWorks(after: [])
        }
    }

    /// A savepoint that ends with an error.
    private static func fail(
        _ txn: isolated Transaction, addingUser id: Int, begun: Event, until end: Event
    ) async throws {
        try await txn.savepoint { txn in
            try await txn.addUser(id)
            begun.happen()
            await end.wait()
            throw Refused()
        }
    }

    private static func add(_ txn: isolated Transaction, _ id: Int) async throws {
        try await txn.savepoint { txn in try await txn.addUser(id) }
    }

    private static func error(
        isolation: isolated (any Actor)? = #isolation, of body: () async throws -> Void
    ) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("T6: a sibling's statement while a savepoint is open is refused, not taken back in silence", arguments: 0..<4)
    func siblingStatement(_ what: Int) async throws {
        try await LiveStores.with { stores in
            await expectFailure(.misuse, "savepoint") {
                try await stores.coordinator.transaction(.once) { txn in
                    let (begun, tried) = (Event(), Event())
                    async let part: Void = Self.fail(txn, addingUser: 1, begun: begun, until: tried)
                    await begun.wait()
                    let error = await Self.error(of: {
                        switch what {
                        case 0: try await txn.redis.set("user:2", "two")
                        case 1: try await txn.graph.execute("CREATE (:User {id: 2, name: 'two'})")
                        case 2: try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (2, 'two')") }
                        default: try await txn.redis.increment("user:2")
                        }
                    })
                    tried.happen()
                    try? await part
                    if let error { throw error }
                }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T6: child tasks within one savepoint work in it")
    func childTasks() async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                try? await txn.savepoint { txn in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for id in 2..<6 { group.addTask { try await txn.addUser(id) } }
                        try await group.waitForAll()
                    }
                    throw Refused()
                }
                try await txn.savepoint { txn in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for id in 6..<9 { group.addTask { try await txn.addUser(id) } }
                        try await group.waitForAll()
                    }
                }
            }
            try await stores.expectWorks(after: [1, 6, 7, 8])
        }
    }
}
