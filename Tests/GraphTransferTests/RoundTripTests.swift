import Foundation
import GraphClient
import LocalEngines
import Measurement
import Testing

@testable import GraphTransfer

@Suite("P1: a graph that is moved from one engine to the other is the same") struct RoundTripTests {
    static let seeds: [UInt64] = [1, 2, 3]

    @Test("P1: random tables and rows of all types come over as they were", arguments: Direction.allCases, seeds)
    func randomGraphs(direction: Direction, seed: UInt64) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            let before = try await GraphDatabase.with(direction.from, mover.source) { connection in
                var graph = RandomGraph(seed: seed)
                try graph.fill(connection)
                return try Self.contents(graph, connection)
            }
            let manifest = try await mover.export(direction.from)
            #expect(manifest.rows == before.count)
            try await mover.import(direction.to)
            let after = try await GraphDatabase.with(direction.to, mover.target) { connection in
                // The same tables again, without their rows: their names are all that is asked.
                try Self.contents(of: manifest.schema, connection)
            }
            #expect(after == before)
            #expect(try mover.names == ["export", "source", "source.wal", "source.wal.seal", "target"])
        }
    }

    @Test(
        "P1: what was imported, exported again, has the same schema and the same content", arguments: Direction.allCases
    )
    func again(direction: Direction) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(direction.from, mover.source) { connection in
                var graph = RandomGraph(seed: 7)
                try graph.fill(connection)
            }
            let first = try await mover.export(direction.from)
            try await mover.import(direction.to)
            let second = try await GraphDatabase.withDatabase(
                at: mover.target, engine: try GraphEngine.load(direction.to), configuration: .forTransfers
            ) { try await GraphExport(to: folder.path(of: "second")).run($0) }
            #expect(second.schema == first.schema)
            #expect(second.parts.map(\.content) == first.parts.map(\.content))
            #expect(second.parts.map(\.rows) == first.parts.map(\.rows))
        }
    }

    @Test("P1: the graph that is exported stays as it is, byte for byte", arguments: GraphEngine.Kind.allCases)
    func untouched(kind: GraphEngine.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let mover = Mover(folder: folder)
            try await GraphDatabase.with(kind, mover.source) { connection in
                try connection.execute("CREATE NODE TABLE T(id SERIAL PRIMARY KEY, n INT64 DEFAULT -3)")
                try connection.execute("CREATE REL TABLE L(FROM T TO T, ONE_ONE)")
                try connection.execute("CREATE (:T)-[:L]->(:T)")
            }
            func bytes() throws -> [Data] {
                try ["", ".wal"].map { try Data(contentsOf: URL(fileURLWithPath: mover.source + $0)) }
            }
            let before = try bytes()
            _ = try await mover.export(kind)
            #expect(try bytes() == before)
        }
    }

    @Test("P1: pages, however small, have each row once; nodes with more relationships than a page too")
    func pages() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            for kind in GraphEngine.Kind.allCases {
                let found = try await GraphDatabase.with(kind, folder.path(of: kind.rawValue)) { connection in
                    try connection.execute("CREATE NODE TABLE T(id INT64 PRIMARY KEY)")
                    try connection.execute("CREATE REL TABLE L(FROM T TO T, n INT64)")
                    try connection.execute("UNWIND range(0, 4999) AS i CREATE (:T {id: i})")
                    try connection.execute("MATCH (t:T) WHERE t.id % 3 = 0 DELETE t")
                    try connection.execute(
                        "MATCH (a:T {id: 4999}) WITH a MATCH (b:T) WHERE b.id % 2 = 1 CREATE (a)-[:L {n: b.id}]->(b)")
                    try connection.execute(
                        "MATCH (a:T {id: 1}) WITH a MATCH (b:T) WHERE b.id < 50 CREATE (a)-[:L {n: -1}]->(b)")
                    let schema = try SchemaReader(
                        connection: connection, engine: try GraphEngine.load(kind), scratch: folder.path
                    ).read().schema
                    return try TablePart.all(of: schema).map { part in
                        var rows: [String] = []
                        var reader = RowReader(connection: connection, part: part)
                        reader.pageRows = 100
                        try reader.forEach { rows.append(String(decoding: $0, as: UTF8.self)) }
                        #expect(try rows.count == reader.count())
                        return rows.sorted()
                    }
                }
                let ids = (0..<5_000).filter { $0 % 3 != 0 }
                #expect(found[0] == ids.map { "[\($0)]" }.sorted())
                let links =
                    ids.filter { $0 % 2 == 1 }.map { "[4999,\($0),\($0)]" }
                    + ids.filter { $0 < 50 }.map { "[1,\($0),-1]" }
                #expect(found[1] == links.sorted())
            }
        }
    }

    // MARK: - What a graph holds, read apart from what is tested

    private static func contents(_ graph: RandomGraph, _ connection: GraphConnection) throws -> [String] {
        try contents(
            of: GraphSchema(nodes: graph.nodes, relationships: graph.relationships), connection)
    }

    private static func contents(of schema: GraphSchema, _ connection: GraphConnection) throws -> [String] {
        var rows: [String] = []
        for table in schema.nodes {
            let columns = table.properties.flatMap { column("n", $0) }.enumerated().map { "\($1) AS c\($0)" }
            rows += try connection.query("MATCH (n:`\(table.name)`) RETURN \(columns.joined(separator: ", "))").map {
                "\(table.name): \($0.values.map(plain))"
            }
        }
        for table in schema.relationships {
            for pair in table.connections {
                let columns = (["a.`the key`", "b.`the key`"] + table.properties.flatMap { column("l", $0) })
                    .enumerated()
                    .map { "\($1) AS c\($0)" }
                rows += try connection.query(
                    """
                    MATCH (a:`\(pair.from)`)-[l:`\(table.name)`]->(b:`\(pair.to)`) RETURN \(columns.joined(separator: ", "))
                    """
                ).map { "\(table.name) \(pair): \($0.values.map(plain))" }
            }
        }
        return rows.sorted()
    }

    private static func column(_ variable: String, _ property: GraphSchema.Property) -> [String] {
        let column = "\(variable).`\(property.name)`"
        if case .union = property.type { return [column, "union_tag(\(column))"] }
        return [column]
    }

    /// Without the names of a struct's fields, which Kùzu gives with their quotes.
    private static func plain(_ value: GraphValue) -> String { "\(value)".replacing("`", with: "") }
}
