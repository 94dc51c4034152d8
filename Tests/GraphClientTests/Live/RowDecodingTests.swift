import Foundation
import GraphClient
import Testing
import TrivetTesting

@Suite("P1: rows decode into Decodable types", .graphDatabase)
struct RowDecodingTests {
    struct Person: Decodable, Equatable, Sendable {
        struct Address: Decodable, Equatable {
            var city: String
            var numbers: [Int]
        }
        enum Role: String, Decodable { case admin, guest }

        var id: Int
        var name: String
        var age: UInt8?
        var score: Double
        var ratio: Float
        var role: Role
        var address: Address
        var tags: [String: Int]
        var since: Date
        var key: UUID
        var raw: Data
        var price: Decimal
        var big: Int128
    }

    @Test("P1: structs, lists, maps, dates, UUIDs, blobs, decimals, enums and optionals")
    func everyKind() async throws {
        let key = UUID()
        let people = try await GraphDatabase.current.withSession { session in
            try await session.query(
                """
                RETURN 7 AS id, 'Ada' AS name, NULL AS age, 1.5 AS score, to_float(0.5) AS ratio, 'admin' AS role,
                {city: 'London', numbers: [1, 2]} AS address, map(['a'], [1]) AS tags, timestamp('1970-01-01 00:00:02') AS since,
                $key AS key, blob('\\\\x00\\\\x01') AS raw, cast('12.30' AS DECIMAL(10, 2)) AS price, to_int128(5) AS big
                """, ["key": key], as: Person.self)
        }
        #expect(
            people == [
                Person(
                    id: 7, name: "Ada", age: nil, score: 1.5, ratio: 0.5, role: .admin,
                    address: .init(city: "London", numbers: [1, 2]), tags: ["a": 1],
                    since: Date(timeIntervalSince1970: 2),
                    key: key, raw: Data([0, 1]), price: Decimal(string: "12.3") ?? 0, big: 5)
            ])
    }

    @Test("P1: columns that the schema decides follow it, also in a prepared statement")
    func columnsFollowSchema() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.execute("CREATE NODE TABLE Wide(id INT64 PRIMARY KEY)")
            try await session.execute("CREATE (:Wide {id: 1})")
            let all = "MATCH (w:Wide {id: $id}) RETURN w.*"
            #expect(try await session.query(all, ["id": 1]).columns.names == ["w.id"])
            #expect(try await session.query(all, ["id": 1]).columns.names == ["w.id"])
            try await session.execute("ALTER TABLE Wide ADD extra STRING DEFAULT 'x'")
            let found = try await session.query(all, ["id": 1])
            #expect(found.columns.names == ["w.id", "w.extra"] && found.first?["w.extra"] == "x")
        }
    }

    @Test("P1: a node decodes by its properties, a single column as itself, a tuple by position")
    func shapes() async throws {
        struct User: Decodable, Equatable, Sendable { var id: Int, name: String }
        struct Row: Decodable, Equatable, Sendable { var u: User }
        try await GraphDatabase.current.withSession { session in
            try await session.execute("CREATE NODE TABLE Shape(id INT64 PRIMARY KEY, name STRING)")
            try await session.execute("CREATE (:Shape {id: 1, name: 'x'})")
            #expect(
                try await session.query("MATCH (u:Shape) RETURN u", as: Row.self) == [Row(u: User(id: 1, name: "x"))])
            #expect(try await session.query("UNWIND [3, 4] AS x RETURN x", as: Int.self) == [3, 4])
            #expect(try await session.query("RETURN [1, 2]", as: [Int].self) == [[1, 2]])
            #expect(try await session.query("RETURN 1 AS a, 2 AS b", as: [Int].self) == [[1, 2]])
            #expect(try await session.query("RETURN 1 AS a, 2 AS b", as: [String: Int].self) == [["a": 1, "b": 2]])
        }
    }

    @Test(
        "P1: what doesn't fit is an error that names the column, never a changed value",
        arguments: [
            "RETURN 300 AS x", "RETURN -1 AS x", "RETURN 'a' AS x", "RETURN NULL AS x", "RETURN 1.0 AS x",
            "RETURN 1 AS y",
        ])
    func mismatch(cypher: String) async throws {
        struct Row: Decodable, Sendable { var x: UInt8 }
        let database = try GraphDatabase.current
        try await database.withSession { session in
            await #expect {
                try await session.query(cypher + ", 2 AS other", as: Row.self)
            } throws: { error in
                error is DecodingError && "\(error)".contains("x")
            }
        }
    }
}
