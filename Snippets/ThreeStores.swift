import GRDB
import Trivet

// snippet.show
func signUp(id: Int, name: String, sqlite: SQLitePool, graph: GraphDatabase, redis: RedisConnection) async throws {
    try await sqlite.write { db in
        try db.execute(sql: "INSERT INTO users (id, name) VALUES (?, ?)", arguments: [id, name])
    }
    try await graph.withSession { session in
        try await session.transaction { connection in
            try connection.execute("CREATE (:User {id: $id, name: $name})", ["id": id, "name": name])
        }
    }
    try await redis.set("user:\(id)", name, expiry: .after(.seconds(60)))
}

let sqlite = try await SQLitePool.open(at: "app.sqlite")
try await GraphDatabase.withDatabase(at: "app.kuzu") { graph in
    try await RedisConnection.withConnection(to: .tcp(host: "127.0.0.1", port: 6379)) { redis in
        try await signUp(id: 1, name: "Ada", sqlite: sqlite, graph: graph, redis: redis)
    }
}
// snippet.hide
