import GraphClient
import LocalEngines
import RedisClient
import Stores

/// What `doctor` found out about one engine.
struct Finding {
    let engine: String
    let isUsable: Bool
    let text: String

    /// Not only found: started, and asked for an answer.
    static func redis() async -> Finding {
        await probe("redis-server") {
            try await RedisServer.withServer { server in "\(server.version)  \(server.executable.path)" }
        }
    }

    static func sqlite() async -> Finding {
        await probe("SQLite") { "\(try await SQLitePool.libraryVersion())  linked into this program" }
    }

    /// Opened with a database, and asked for an answer.
    static func kuzu() async -> Finding {
        await probe("Kùzu") {
            try await TemporaryDirectory.withDirectory { folder in
                try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                    _ = try await database.withSession { try await $0.query("RETURN 1") }
                    return
                        "\(database.engine.version)  \(database.engine.path)  (storage version \(database.engine.storageVersion))"
                }
            }
        }
    }

    private static func probe(_ engine: String, _ body: () async throws -> String) async -> Finding {
        do {
            return Finding(engine: engine, isUsable: true, text: try await body())
        } catch {
            return Finding(engine: engine, isUsable: false, text: "\(error)")
        }
    }
}
