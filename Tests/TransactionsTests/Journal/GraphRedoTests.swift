import Foundation
import Testing

@testable import GraphClient
@testable import Transactions

@Suite struct GraphRedoTests {
    @Test("The journal's statements on the graph are read as they were written, with all types of parameters (I1, I6)")
    func graph() throws {
        let values: [GraphValue] = [
            .null, .bool(true), .int8(-8), .int64(.min), .int128(.max), .uint64(.max), .float(0.1), .double(.infinity),
            .double(-0.0), .double(.leastNonzeroMagnitude), .string("é\"\u{0}"), .blob([0, 255]), .uuid(UUID()),
            .date(GraphDate(daysSince1970: -1)), .timestamp(GraphTimestamp(.max)),
            .list([.int64(1), .null, .list([])]),
        ]
        var parameters = GraphParameters([:])
        for (index, value) in values.enumerated() { parameters["p\(index)"] = value }
        let columns = GraphColumns(["a"])
        let result = GraphResult(columns: columns, rows: values.map { GraphRow(columns: columns, values: [$0]) })
        let digest = ResultDigest(result)
        let redo = [GraphRedo("CREATE (:N $p)", parameters, digest: digest), GraphRedo("", [:], digest: digest)]
        let found = try JournalCodec.decodeGraph(JournalCodec.encode(redo))
        #expect(found == redo)
        #expect(found[0].boundParameters == parameters)
    }

    @Test("The journal is JSON that any JSON reader understands, whatever bytes a unit writes (I1)")
    func anyReader() throws {
        let hostile = "\"\\ \u{0}\u{1}\u{1F}\u{7F} é \u{2028} 👩‍👩‍👧 </script>"
        let redo = [
            GraphRedo(
                hostile, GraphParameters(["a": .string(hostile), "b": .list([.int64(.min), .bool(false), .null])]),
                digest: ResultDigest(GraphResult(columns: GraphColumns([]), rows: [])))
        ]
        let bytes = Bytes(0...255)
        let writes = [
            CacheWrite(key: bytes, effects: [.set(bytes, expiresAt: .max), .delete, .set([], expiresAt: nil)]),
            CacheWrite(
                key: [],
                effects: [
                    .setFields([CacheField(name: bytes, value: [])]),
                    .setScores([CacheScore(member: [0], score: -.infinity)]),
                    .expire(at: nil), .removeMembers([[1], [2]]),
                ]),
        ]
        #expect(try JournalCodec.decodeGraph(JournalCodec.encode(redo)) == redo)
        #expect(try JournalCodec.decodeCache(JournalCodec.encode(writes)) == writes)
        // As Foundation's own writer would have it.
        func tree(_ data: Data?) throws -> NSArray? {
            try data.flatMap { try JSONSerialization.jsonObject(with: $0) as? NSArray }
        }
        #expect(try tree(JournalCodec.encode(redo)) == tree(JournalCodec.encoder().encode(redo)))
        #expect(try tree(JournalCodec.encode(writes)) == tree(JournalCodec.encoder().encode(writes)))
    }

    @Test("I6: a digest is the same for the same rows in any order, and another one for any other row") func digests() {
        let columns = GraphColumns(["a", "b"])
        func digest(_ rows: [[GraphValue]]) -> ResultDigest {
            ResultDigest(GraphResult(columns: columns, rows: rows.map { GraphRow(columns: columns, values: $0) }))
        }
        let rows: [[GraphValue]] = [[.int64(1), .string("a")], [.int64(2), .string("b")], [.null, .string("")]]
        #expect(digest(rows) == digest(rows.reversed()))
        let others: [[[GraphValue]]] = [
            [], Array(rows.dropLast()), rows + [rows[0]],
            [[.int64(1), .string("b")], [.int64(2), .string("a")], rows[2]],
            [[.int32(1), .string("a")], rows[1], rows[2]], [[.string("1"), .string("a")], rows[1], rows[2]],
            [rows[0], rows[1], [.string(""), .null]],
        ]
        for other in others { #expect(digest(other) != digest(rows), "\(other)") }
    }
}
