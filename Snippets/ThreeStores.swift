import GRDB
import Trivet

// snippet.show
let sqlite = try await SQLiteStore.open(at: "app.sqlite")
try await sqlite.write { db in
    try db.execute(sql: "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT)")
    try db.execute(sql: "INSERT OR REPLACE INTO users VALUES (?, ?)", arguments: [1, "Ada"])
}

try await GraphDatabase.withDatabase(at: "app.kuzu") { graph in
    try await graph.withSession { session in
        try await session.execute("CREATE NODE TABLE IF NOT EXISTS User(id INT64 PRIMARY KEY, name STRING)")
        try await session.transaction { connection in
            try connection.execute("MERGE (u:User {id: $id}) SET u.name = $name", ["id": 1, "name": "Ada"])
        }
    }
}

try await RedisConnection.withConnection(to: .tcp(host: "127.0.0.1", port: 6379)) { redis in
    try await redis.set("user:1", "Ada", expiry: .after(.seconds(60)))
    print(try await redis.get("user:1") ?? "expired")
}
// snippet.hide
