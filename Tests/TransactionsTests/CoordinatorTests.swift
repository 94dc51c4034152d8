import Foundation
import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// Three live stores in a folder, and a coordinator over them.
struct LiveStores: Sendable {
    let folder: String
    let redis: RedisConnection
    let coordinator: Coordinator

    static func with<Value: Sendable>(
        configuration: CoordinatorConfiguration = CoordinatorConfiguration(),
        _ body: (LiveStores) async throws -> Value
    ) async throws -> Value {
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                try await RedisConnection.withConnection(to: server.endpoint) { redis in
                    try await Coordinator.withCoordinator(
                        sqlite: folder.path(of: "records.sqlite"), graph: folder.path(of: "graph.db"), redis: redis,
                        configuration: configuration
                    ) { coordinator in
                        try await coordinator.sqlite.write { db in
                            try db.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
                        }
                        try await coordinator.graph?.withWriter { session in
                            try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
                        }
                        return try await body(
                            LiveStores(folder: folder.path, redis: redis, coordinator: coordinator))
                    }
                }
            }
        }
    }

    /// The users of each store.
    func users() async throws -> (sqlite: [Int], graph: [Int], redis: [Int]) {
        let sqlite = try await coordinator.sqlite.read { try Int.fetchAll($0, sql: "SELECT id FROM users ORDER BY id") }
        let graph =
            try await coordinator.graph?.query("MATCH (u:User) RETURN u.id ORDER BY u.id").decode(Int.self) ?? []
        let keys = try await redis.send(RedisCommand("KEYS", "user:*"), as: [String].self)
        return (sqlite, graph, keys.compactMap { Int($0.dropFirst(5)) }.sorted())
    }
}

extension Transaction {
    func addUser(_ id: Int) async throws {
        try await sqlite { try $0.execute(sql: "INSERT INTO users VALUES (?, ?)", arguments: [id, "user \(id)"]) }
        try await graph.execute("CREATE (:User {id: $id, name: $name})", ["id": id, "name": "user \(id)"])
        try await redis.set("user:\(id)", "user \(id)")
    }
}

struct Refused: Error, Equatable {}

@Suite struct CoordinatorTests {
    @Test("T1: what a transaction writes is in all three stores") func commits() async throws {
        try await LiveStores.with { stores in
            let (_, receipt) = try await stores.coordinator.transactionWithReceipt { txn in try await txn.addUser(1) }
            #expect(receipt.number == 1)
            #expect(receipt.stores == [.sqlite, .graph, .redis])
            #expect(receipt.isCacheApplied)
            let users = try await stores.users()
            #expect(users.sqlite == [1])
            #expect(users.graph == [1])
            #expect(users.redis == [1])
        }
    }

    @Test("T2: a thrown error leaves nothing in any store") func rollsBack() async throws {
        try await LiveStores.with { stores in
            do {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    throw Refused()
                }
                Issue.record("nothing was thrown")
            } catch is Refused {}
            let users = try await stores.users()
            #expect(users.sqlite.isEmpty && users.graph.isEmpty && users.redis.isEmpty)
            try await stores.coordinator.transaction { txn in try await txn.addUser(2) }
            #expect(try await stores.users().graph == [2])
        }
    }

    @Test("T1: 25 tasks at once, each with units over three stores") func concurrent() async throws {
        try await LiveStores.with { stores in
            let began = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<25 {
                    group.addTask {
                        for step in 0..<8 {
                            try await stores.coordinator.transaction { txn in try await txn.addUser(task * 8 + step) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            print("200 units: \(ContinuousClock.now - began)")
            let users = try await stores.users()
            #expect(users.sqlite == Array(0..<200))
            #expect(users.graph == Array(0..<200))
            #expect(users.redis == Array(0..<200))
        }
    }
}
