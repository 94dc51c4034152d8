import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: every type of the engine, out of it and into it", .graphDatabase)
struct ValueRoundTripTests {
    private func scalar(_ cypher: String, _ parameters: GraphParameters = [:]) async throws -> GraphValue {
        try await GraphDatabase.current.withSession { session in
            let result = try await session.query(cypher, parameters)
            return try #require(result.first)[0]
        }
    }

    static let uuid = UUID(
        uuid: (0xA0, 0xEE, 0xBC, 0x99, 0x9C, 0x0B, 0x4E, 0xF8, 0xBB, 0x6D, 0x6B, 0xB9, 0xBD, 0x38, 0x0A, 0x11))

    static let literals: [(String, GraphValue)] = [
        ("true", .bool(true)), ("to_int8(-128)", .int8(-128)), ("to_int16(-32768)", .int16(-32_768)),
        ("to_int32(-2147483648)", .int32(.min)), ("9223372036854775807", .int64(.max)),
        ("to_int128('-170141183460469231731687303715884105727')", .int128(.min + 1)),
        ("to_uint8(255)", .uint8(255)), ("to_uint16(65535)", .uint16(65_535)), ("to_uint32(4294967295)", .uint32(.max)),
        ("to_uint64('18446744073709551615')", .uint64(.max)), ("to_float(1.5)", .float(1.5)), ("1.25", .double(1.25)),
        ("cast('-12.34' AS DECIMAL(10, 2))", .decimal(GraphDecimal(unscaled: -1234, scale: 2))),
        ("'Grüße, 👩‍🚀'", .string("Grüße, 👩‍🚀")), ("''", .string("")),
        ("blob('\\\\xAA\\\\x00\\\\x27b')", .blob([0xAA, 0, 0x27, 0x62])),
        ("uuid('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')", .uuid(uuid)),
        ("date('1969-12-31')", .date(GraphDate(daysSince1970: -1))),
        ("timestamp('1970-01-01 00:00:01.000002')", .timestamp(GraphTimestamp(1_000_002))),
        ("cast(timestamp('1970-01-01 00:00:02') AS TIMESTAMP_SEC)", .timestamp(GraphTimestamp(2, .seconds))),
        ("cast(timestamp('1970-01-01 00:00:02') AS TIMESTAMP_MS)", .timestamp(GraphTimestamp(2_000, .milliseconds))),
        (
            "cast(timestamp('1970-01-01 00:00:02') AS TIMESTAMP_NS)",
            .timestamp(GraphTimestamp(2_000_000_000, .nanoseconds))
        ),
        (
            "cast('1970-01-01 00:00:02+00:00' AS TIMESTAMP_TZ)",
            .timestamp(GraphTimestamp(2_000_000, .microsecondsWithTimeZone))
        ),
        ("interval('1 year 2 days 3 seconds')", .interval(GraphInterval(months: 12, days: 2, microseconds: 3_000_000))),
        ("[1, NULL, 3]", .list([1, .null, 3])), ("[[1], []]", .list([.list([1]), .list([])])),
        ("cast([1, 2, 3] AS INT64[3])", .array([1, 2, 3])),
        ("{a: 1, b: 'x', c: {d: NULL}}", ["a": 1, "b": "x", "c": ["d": nil]]),
        ("map(['k'], [7])", .map([GraphMapEntry(key: "k", value: 7)])),
        ("map([1, 2], ['a', NULL])", .map([.init(key: 1, value: "a"), .init(key: 2, value: nil)])),
        ("union_value(num := 5)", .union(5)), ("NULL", .null),
    ]

    @Test("P1: a value of each type is read", arguments: literals)
    func reads(literal: String, expected: GraphValue) async throws {
        #expect(try await scalar("RETURN \(literal) AS x") == expected)
    }

    static let parameters: [GraphValue] = [
        true, .int8(-128), .int16(.min), .int32(.max), .int64(.min), .int128(.min + 1),
        .int128(12_345_678_901_234_567_890_123),
        .uint8(.max), .uint16(.max), .uint32(.max), .uint64(.max), .float(0.1), .double(.pi), .double(.infinity),
        .decimal(GraphDecimal(unscaled: -1, scale: 38)), .decimal(GraphDecimal(unscaled: -5, scale: 2)),
        .decimal(GraphDecimal(unscaled: -34, scale: 2)), .decimal(GraphDecimal(unscaled: -1_234, scale: 2)),
        .decimal(GraphDecimal(unscaled: 7, scale: 0)), "x'y\"z\\", "👩‍🚀", .blob([0, 255, 39, 92, 34]), .blob([]),
        .uuid(uuid),
        .date(GraphDate(daysSince1970: 20_000)), .timestamp(GraphTimestamp(-1)),
        .timestamp(GraphTimestamp(7, .seconds)),
        .timestamp(GraphTimestamp(7, .milliseconds)), .timestamp(GraphTimestamp(7, .nanoseconds)),
        .timestamp(GraphTimestamp(7, .microsecondsWithTimeZone)),
        .interval(GraphInterval(months: -1, days: 2, microseconds: -3)),
        [1, nil, 3], [[1, 2], [], nil], [["a": 1, "b": nil], ["a": nil, "b": ["x"]]], ["a": [["b": 1.5]]],
        .map([.init(key: "k", value: [1, 2]), .init(key: "l", value: nil)]),
    ]

    @Test("P1: a parameter of each type comes back as it went in", arguments: parameters)
    func binds(value: GraphValue) async throws {
        #expect(try await scalar("RETURN $x AS x", ["x": value]) == value)
    }

    @Test("P1: an empty or all-NULL list can be a parameter", arguments: [GraphValue.list([]), [nil, nil], [[]]])
    func emptyLists(value: GraphValue) async throws {
        guard case .list(let elements) = value else { return }
        let database = try GraphDatabase.current
        try await database.withSession { session in
            let rows = try await session.query("UNWIND $x AS r RETURN r", ["x": value])
            #expect(rows.count == elements.count)
        }
    }

    static let innerScalars: [GraphValue] = [
        .list([.uuid(uuid), .null]), .list([.blob([0, 39]), .blob([])]),
        .list([
            .decimal(GraphDecimal(unscaled: -5, scale: 2)), .null, .decimal(GraphDecimal(unscaled: 1_234, scale: 2)),
        ]),
        .structure(GraphFields([GraphField("id", .uuid(uuid)), GraphField("raw", .blob([1]))])),
    ]

    @Test(
        "P1: a UUID, BLOB or DECIMAL within a parameter comes back, or is refused with the remedy",
        arguments: innerScalars)
    func withinParameter(value: GraphValue) async throws {
        do {
            #expect(try await scalar("RETURN $x AS x", ["x": value]) == value)
            #expect(try GraphDatabase.current.engine.kind == .ladybug)
        } catch GraphError.invalidParameter("x", _, let reason) {
            #expect(try GraphDatabase.current.engine.kind == .kuzu)
            #expect(reason.contains("Pass a text"))
        }
    }

    @Test("P1: decimals of one list take the most digits after the point that one of them has, or are refused")
    func decimalsInList() async throws {
        func decimals(_ list: [(Int128, Int)]) -> GraphValue {
            .list(list.map { .decimal(GraphDecimal(unscaled: $0.0, scale: $0.1)) })
        }
        let fits = decimals([(5, 1), (125, 3)])
        if try GraphDatabase.current.engine.capabilities.makesEveryScalar {
            #expect(try await scalar("RETURN $x AS x", ["x": fits]) == decimals([(500, 3), (125, 3)]))
        } else {
            await #expect(throws: GraphError.self) { try await scalar("RETURN $x AS x", ["x": fits]) }
        }
        let tooLong = decimals([(10, 0), (1, 38)])
        await #expect(throws: GraphError.self) { try await scalar("RETURN $x AS x", ["x": tooLong]) }
    }

    @Test("P1: a type that can't be a parameter is refused with what to do instead")
    func notBindable() async throws {
        let union = GraphValue.union(1)
        await #expect {
            try await scalar("RETURN $x AS x", ["x": union])
        } throws: { error in
            guard case GraphError.invalidParameter("x", _, let reason) = error else { return false }
            return reason.contains("INT64")
        }
    }
}

@Suite("P1: nodes, relationships, paths and typed columns", .graphDatabase)
struct StoredValueTests {
    @Test("P1: NODE, REL, RECURSIVE_REL, SERIAL, INTERNAL_ID and UNION columns are read")
    func graphTypes() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                try connection.execute(
                    "CREATE NODE TABLE P(id SERIAL PRIMARY KEY, name STRING, u UNION(a INT64, b STRING))")
                try connection.execute("CREATE REL TABLE F(FROM P TO P, since INT64)")
                for name in ["a", "b", "c"] {
                    try connection.execute("CREATE (:P {name: $name, u: $name})", ["name": name])
                }
                try connection.execute(
                    "MATCH (a:P {name: 'a'}), (b:P {name: 'b'}), (c:P {name: 'c'}) CREATE (a)-[:F {since: 1}]->(b)-[:F {since: 2}]->(c)"
                )
                let row = try #require(
                    try connection.query("MATCH (a:P {id: 0})-[f:F]->(b:P) RETURN a, f, id(a), a.id, a.u").first)
                guard case .node(let node) = row[0], case .relationship(let relationship) = row[1] else {
                    Issue.record("no node and relationship in \(row.values)")
                    return
                }
                #expect(node.label == "P" && node.properties["name"] == "a" && row[2] == .internalID(node.id))
                #expect(
                    relationship.label == "F" && relationship.properties["since"] == 1 && relationship.source == node.id
                )
                #expect(row[3] == 0)
                #expect(row[4] == .union("a"))
                let path = try connection.query("MATCH (a:P {id: 0})-[f:F*2..2]->(c:P) RETURN f")
                guard case .path(let hops) = try #require(path.first)[0] else {
                    Issue.record("no path")
                    return
                }
                #expect(hops.relationships.map { $0.properties["since"] } == [1, 2])
                #expect(hops.nodes.map { $0.properties["name"] } == ["b"])
            }
        }
    }

    @Test("P1: UNWIND $rows writes a list of structs in one statement")
    func unwindRows() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY, name STRING, price DOUBLE)")
            let rows = GraphParameters.rows(0..<500) {
                ["id": $0, "name": "item \($0)", "price": $0 == 7 ? nil : Double($0) / 2]
            }
            try await session.execute(
                "UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name, price: r.price})", ["rows": rows])
            #expect(
                try await session.query("MATCH (i:Item) RETURN count(*), sum(i.id)").first?.values == [
                    500, .int128(124_750),
                ])
            #expect(try await session.query("MATCH (i:Item {id: 7}) RETURN i.price").scalar(Double?.self) == nil)
        }
    }
}
