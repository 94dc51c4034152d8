import GRDB
import GraphClient
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
}
