import Foundation
import Testing

@testable import GraphClient

@Suite("Values: shapes, decimals, blobs, timestamps")
struct ValueTests {
    @Test func `NULLs take the type of what stands beside them`() throws {
        let rows: GraphValue = [["a": 1, "b": nil], ["a": nil, "b": "x"]]
        #expect(
            try ValueShape(of: rows)
                == .list(
                    .structure([
                        .init(name: "a", shape: .scalar(.int64)), .init(name: "b", shape: .scalar(.string)),
                    ])))
    }

    private static let unusable: [(GraphValue, String)] = {
        let mixed: GraphValue = [1, "x"]
        let mixedFields: GraphValue = [["a": 1], ["a": 1.5]]
        return [
            (mixed, "rows[1]"), (mixedFields, "rows[1].a"), ([["a": 1], ["b": 1]], "rows[1]"),
            ([[1], ["x"]], "rows[1]"),
            (["a\u{0}b"], "rows[0]"), (.list([.structure(GraphFields([GraphField("a", .uuid(UUID()))]))]), "rows[0].a"),
            (.structure(GraphFields()), "rows"), (.map([]), "rows"),
            (.structure(GraphFields([GraphField("a", 1), GraphField("a", 2)])), "rows"),
        ]
    }()

    @Test(arguments: unusable)
    func `A value that the engine can't take is named with its place`(value: GraphValue, place: String) {
        #expect {
            try ValueShape(of: value, at: "rows")
        } throws: { error in
            let problem = error as? ValueShape.Problem
            return problem?.place == place && problem?.reason.isEmpty == false
        }
    }

    @Test(arguments: [
        ("12.34", 1234 as Int128, 2), ("-0.001", -1, 3), ("5", 5, 0), ("+7.0", 70, 1),
        ("99999999999999999999999999999999999999", 99_999_999_999_999_999_999_999_999_999_999_999_999, 0),
    ])
    func `Decimals keep their digits`(text: String, unscaled: Int128, scale: Int) throws {
        let decimal = try #require(GraphDecimal(text))
        #expect(decimal == GraphDecimal(unscaled: unscaled, scale: scale))
        #expect(GraphDecimal(decimal.description) == decimal)
    }

    @Test(arguments: ["", "-", ".", "1.2.3", "1e5", " 1", "٣", "1" + String(repeating: "0", count: 38)])
    func `What is no decimal is none`(text: String) {
        #expect(GraphDecimal(text) == nil)
    }

    @Test func `Blobs survive their text form`() {
        let bytes = [UInt8](0...255)
        #expect(BlobText.decode(BlobText.encode(bytes).utf8) == bytes)
        #expect(BlobText.decode("a\\x00b".utf8) == [97, 0, 98])
        #expect(BlobText.decode("\\x0".utf8) == nil)
        #expect(BlobText.decode("\\n".utf8) == nil)
    }

    @Test func `Dates outside of a timestamp's years are not made up`() {
        #expect(GraphTimestamp(Date(timeIntervalSince1970: 1e12), .nanoseconds) == nil)
        #expect(GraphTimestamp(Date(timeIntervalSince1970: -1.5), .milliseconds)?.count == -1_500)
        #expect(GraphTimestamp(-1_500, .milliseconds).date == Date(timeIntervalSince1970: -1.5))
    }
}
