import GraphClient
import LocalEngines
import RedisClient
import Stores
import Threads

/// What `doctor` found out about one engine.
struct Finding {
    let engine: String
    let isUsable: Bool
    /// Whether nobody asks for it unless told to.
    let isOptional: Bool
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
    static func graph(_ kind: GraphEngine.Kind, isOptional: Bool) async -> Finding {
        await probe(kind.displayName, isOptional: isOptional) {
            try await TemporaryDirectory.withDirectory { folder in
                let engine = try await onThread("trivet-graph-load") { try GraphEngine.load(kind) }
                return try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), engine: engine) { database in
                    _ = try await database.withSession { try await $0.query("RETURN 1") }
                    return "\(engine.version)  \(engine.path)  (storage version \(engine.storageVersion))"
                }
            }
        }
    }

    private static func probe(
        _ engine: String, isOptional: Bool = false, _ body: () async throws -> String
    ) async -> Finding {
        do {
            return Finding(engine: engine, isUsable: true, isOptional: isOptional, text: try await body())
        } catch {
            return Finding(engine: engine, isUsable: false, isOptional: isOptional, text: "\(error)")
        }
    }
}
