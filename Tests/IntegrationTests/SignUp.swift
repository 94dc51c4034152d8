import GRDB
import Trivet

func signUp(id: Int, name: String, with coordinator: Coordinator) async throws {
    try await coordinator.transaction { txn in
        try await txn.sqlite { db in
            try db.execute(sql: "INSERT INTO users (id, name) VALUES (?, ?)", arguments: [id, name])
        }
        try await txn.graph.execute("CREATE (:User {id: $id, name: $name})", ["id": id, "name": name])
        try await txn.redis.set("user:\(id)", name, expiry: .after(.seconds(60)))
    }
}

@Sendable func createTables(_ coordinator: Coordinator) async throws {
    try await coordinator.sqlite.write { db in
        try db.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    }
    try await coordinator.graph?.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
}
