import Foundation
import Testing
import TrivetTesting

@testable import GraphClient

@Suite("P1: what a prepared statement remembers of its columns is never older than the result", .graphDatabase)
struct RememberedColumnsTests {
    @Test("P1: a change of the schema shows where and when it is committed")
    func schemaInTransaction() async throws {
        struct Stop: Error {}
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                try connection.execute("CREATE NODE TABLE Grown(id INT64 PRIMARY KEY)")
                try connection.execute("CREATE (:Grown {id: 1})")
                let all = "MATCH (g:Grown {id: $id}) RETURN g.*"
                let other = try GraphConnection(database: connection.database)
                func columns(_ connection: GraphConnection) throws -> [String] {
                    let result = try connection.query(all, ["id": 1])
                    #expect(result[0].values.count == result.columns.names.count)
                    return result.columns.names
                }
                #expect(try columns(connection) == ["g.id"])
                try connection.transaction {
                    try connection.execute("ALTER TABLE Grown ADD a INT64 DEFAULT 5")
                    #expect(try columns(connection) == ["g.id", "g.a"])
                    #expect(try columns(other) == ["g.id"])
                }
                #expect(try columns(other) == ["g.id", "g.a"])
                #expect(throws: Stop.self) {
                    try connection.transaction {
                        try connection.execute("ALTER TABLE Grown ADD b STRING")
                        #expect(try columns(connection) == ["g.id", "g.a", "g.b"])
                        throw Stop()
                    }
                }
                #expect(try columns(connection) == ["g.id", "g.a"])
            }
        }
    }

    @Test("P1: a transaction that began before a change of the schema leaves nothing behind that is older")
    func schemaOutsideOfTransaction() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                try connection.execute("CREATE NODE TABLE Late(id INT64 PRIMARY KEY)")
                try connection.execute("CREATE (:Late {id: 1})")
                let all = "MATCH (l:Late {id: $id}) RETURN l.*"
                let other = try GraphConnection(database: connection.database)
                try other.transaction(.readOnly) {
                    try connection.execute("ALTER TABLE Late ADD a INT64 DEFAULT 5")
                    let result = try other.query(all, ["id": 1])
                    #expect(result.columns.names == ["l.id"] && result[0].values == [1])
                }
                let result = try other.query(all, ["id": 1])
                #expect(result.columns.names == ["l.id", "l.a"] && result[0].values == [1, 5])
            }
        }
    }

    @Test("P1: the columns of a file are those of the file that is there")
    func file() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "data.csv")
            try await GraphDatabase.current.withSession { session in
                let text = "LOAD FROM '\(path)' (header=true) WHERE $keep RETURN *"
                for header in ["a,b", "c,d", "e"] {
                    let names = header.split(separator: ",").map(String.init)
                    let line = names.map { _ in "7" }.joined(separator: ",")
                    try "\(header)\n\(line)\n".write(toFile: path, atomically: true, encoding: .utf8)
                    let found = try await session.query(text, ["keep": true])
                    #expect(found.columns.names == names && found[0].values == names.map { _ in .int64(7) })
                }
            }
        }
    }

    @Test("P1: values keep their types when the parameters' types change from call to call")
    func types() async throws {
        try await GraphDatabase.current.withSession { session in
            try await session.run { connection in
                let one = try connection.prepare("RETURN $x AS x, 1 AS y")
                let values: [GraphValue] = [
                    1, 2, "a", "b", 2.5, nil, true, [1, 2], [1], "c", ["k": 1], 7, .int32(7), .uint8(7), nil, 8,
                    .date(GraphDate(daysSince1970: 1)), "d", .blob([0, 1]), .blob([2]), .uuid(UUID()), .float(0.5), 9,
                ]
                for value in values {
                    #expect(try one.query(["x": value])[0].values == [value, 1])
                }
                let many = try connection.prepare("UNWIND $xs AS x RETURN x")
                let lists: [[GraphValue]] = [[1, nil, 3], ["a", nil], [nil, "b"], [[1], [2]], [2.5], [nil, 4]]
                for list in lists {
                    #expect(try many.query(["xs": GraphValue.list(list)]).map(\.values) == list.map { [$0] })
                }
            }
        }
    }
}
