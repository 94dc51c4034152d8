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

try await RedisPool.withPool(to: .tcp(host: "127.0.0.1", port: 6379)) { redis in
    try await Coordinator.withCoordinator(sqlite: "app.sqlite", graph: "app.graph", redis: redis) { coordinator in
        try await signUp(id: 1, name: "Ada", with: coordinator)
    }
}
