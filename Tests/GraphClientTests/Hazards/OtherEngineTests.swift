import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: two engines in one process")
struct OtherEngineTests {
    private static let pairs: [(GraphEngine.Kind, GraphEngine.Kind)] = [(.kuzu, .ladybug), (.ladybug, .kuzu)]

    @Test("P1: both engines at the same time, each with a database of its own")
    func sideBySide() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for kind in GraphEngine.Kind.allCases {
                    group.addTask {
                        let engine = try GraphEngine.load(kind)
                        #expect(engine.kind == kind && engine.version.hasPrefix(kind.supportedVersions))
                        try await GraphDatabase.withDatabase(at: folder.path(of: kind.rawValue), engine: engine) {
                            database in
                            try await database.withSession { session in
                                try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY, s STRING)")
                                for id in 0..<200 {
                                    try await session.execute(
                                        "CREATE (:T {id: $id, s: $s})", ["id": id, "s": "\(kind) \(id)"])
                                }
                                try await database.checkpoint()
                                let found = try await session.query(
                                    "MATCH (t:T) WHERE t.s = $kind + ' ' + cast(t.id AS STRING) RETURN count(*)",
                                    ["kind": kind.rawValue])
                                #expect(try found.scalar(Int.self) == 200)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "P1: a database of the other engine is refused by its maker's name, and nothing of it is lost", arguments: pairs
    )
    func otherMaker(maker: GraphEngine.Kind, other: GraphEngine.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            try await GraphDatabase.withDatabase(at: path, engine: try GraphEngine.load(maker)) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.execute("UNWIND range(1, 100) AS i CREATE (:T {id: i})")
                    try await database.checkpoint()
                    try await session.execute("UNWIND range(101, 150) AS i CREATE (:T {id: i})")
                }
            }
            func files() throws -> [String: Data] {
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                    !$0.hasSuffix(".lock")
                }
                return try Dictionary(
                    uniqueKeysWithValues: names.map {
                        ($0, try Data(contentsOf: URL(fileURLWithPath: folder.path(of: $0))))
                    })
            }
            let before = try files()
            #expect(before.count == 3, "the database, its log and the log's seal: \(before.keys)")
            for isReadOnly in [false, true] {
                var configuration = GraphDatabase.Configuration()
                configuration.isReadOnly = isReadOnly
                await #expect {
                    _ = try await GraphDatabase.open(
                        at: path, engine: try GraphEngine.load(other), configuration: configuration)
                } throws: { error in
                    let text = "\(error)"
                    return text.contains(path) && text.contains("\(maker.displayName) made it")
                        && text.contains(other.displayName) && text.contains("TRIVET_GRAPH_ENGINE=\(maker.rawValue)")
                }
            }
            #expect(try files() == before)
            try await GraphDatabase.withDatabase(at: path, engine: try GraphEngine.load(maker)) { database in
                let count = try await database.withSession {
                    try await $0.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                }
                #expect(count == 150)
            }
        }
    }

    @Test(
        "P1: a copy from before a checkpoint is put back, and stays, when the other engine is asked to open it",
        arguments: pairs)
    func otherMakersCopy(maker: GraphEngine.Kind, other: GraphEngine.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "graph")
            let engine = try GraphEngine.load(maker)
            try await GraphDatabase.withDatabase(at: path, engine: engine) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try await session.execute("UNWIND range(1, 100) AS i CREATE (:T {id: i})")
                    try await session.run { _ in try CheckpointCopy(ofDatabaseAt: path).make() }
                }
            }
            try Data(repeating: 7, count: 10_000).write(to: URL(fileURLWithPath: path))
            #expect(GraphDatabase.maker(ofDatabaseAt: path) == maker)
            await #expect(throws: GraphError.self) {
                try await GraphDatabase.open(at: path, engine: try GraphEngine.load(other))
            }
            try await GraphDatabase.withDatabase(at: path, engine: engine) { database in
                let count = try await database.withSession {
                    try await $0.query("MATCH (t:T) RETURN count(*)").scalar(Int.self)
                }
                #expect(count == 100)
            }
        }
    }

    @Test("P1: the environment chooses the engine, and a name that is none is refused with those that are")
    func choice() throws {
        #expect(try GraphEngine.Kind.chosen(in: [:]) == nil)
        #expect(try GraphEngine.Kind.chosen(in: ["TRIVET_GRAPH_ENGINE": ""]) == nil)
        for kind in GraphEngine.Kind.allCases {
            #expect(try GraphEngine.Kind.chosen(in: ["TRIVET_GRAPH_ENGINE": kind.rawValue]) == kind)
        }
        #expect {
            try GraphEngine.Kind.chosen(in: ["TRIVET_GRAPH_ENGINE": "neo4j"])
        } throws: { error in
            let text = "\(error)"
            return text.contains("TRIVET_GRAPH_ENGINE") && text.contains("neo4j") && text.contains("kuzu or ladybug")
        }
    }

    @Test("P1: one engine's library is refused where the other's is asked for", arguments: pairs)
    func otherLibrary(kind: GraphEngine.Kind, other: GraphEngine.Kind) throws {
        let path = try GraphEngine.load(other).path
        #expect {
            try GraphEngine.load(kind, at: path)
        } throws: { error in
            "\(error)".contains("not a \(kind.displayName) library") && "\(error)".contains(path)
        }
    }
}
