import Foundation
import GraphClient
import Testing

@testable import GraphTransfer

@Suite("P1: the format of exports") struct FormatTests {
    @Test(
        "P1: types are read as the engines write them",
        arguments: [
            "INT64", "DECIMAL(10, 2)[]", "FLOAT[3][2]", "MAP(STRING, MAP(INT64, BLOB))",
            "STRUCT(a INT64, `from` UNION(num INT64, str STRING)[], b STRUCT(c TIMESTAMP_TZ))[2]",
        ])
    func types(text: String) {
        #expect(ValueType(text)?.description == text)
    }

    @Test(
        "P1: what is no type that can be carried is none",
        arguments: ["", "JSON", "INT64[", "STRUCT()", "MAP(INT64)", "INT64 INT64"])
    func noTypes(text: String) {
        #expect(ValueType(text) == nil)
    }

    static let values: [(type: String, value: GraphValue, text: String)] = [
        ("INT64", .int64(.min), "-9223372036854775808"),
        ("INT128", .int128(.max), "170141183460469231731687303715884105727"),
        ("DOUBLE", .double(0.1), "0.1"), ("DOUBLE", .double(-0.0), "-0.0"),
        ("DOUBLE", .double(.leastNonzeroMagnitude), "5e-324"),
        ("DOUBLE", .double(.infinity), "\"Infinity\""), ("DOUBLE", .double(.nan), "\"NaN\""),
        ("DOUBLE", .double(Double(bitPattern: 0xFFF8_0000_0000_0001)), "\"NaN:fff8000000000001\""),
        ("FLOAT", .float(-.infinity), "\"-Infinity\""), ("FLOAT", .float(.leastNonzeroMagnitude), "1e-45"),
        ("STRING", "a\"\\\n\u{1}é", "\"a\\\"\\\\\\n\\u0001é\""), ("BLOB", .blob([0, 255]), "\"AP8=\""),
        ("DECIMAL(5, 2)", .decimal(GraphDecimal(unscaled: -5, scale: 2)), "\"-0.05\""),
        ("INTERVAL", .interval(GraphInterval(months: 1, days: -2, microseconds: 3)), "[1,-2,3]"),
        ("TIMESTAMP_NS", .timestamp(GraphTimestamp(-7, .nanoseconds)), "-7"),
        ("INT8[]", [.int8(1), nil], "[1,null]"), ("INT64[2]", .array([1, 2]), "[1,2]"),
        ("STRUCT(a INT64, b BOOL)", ["a": 1, "b": nil], "{\"a\":1,\"b\":null}"),
        ("MAP(STRING, INT64)", .map([.init(key: "k", value: 7)]), "[[\"k\",7]]"),
    ]

    @Test("P1: a value has one text, and the text has one value", arguments: values.indices)
    func texts(index: Int) throws {
        let (name, value, expected) = Self.values[index]
        let type = try #require(ValueType(name))
        var text = ValueText()
        try text.write(value, as: type)
        #expect(String(decoding: text.bytes, as: UTF8.self) == expected)
        let read = try ValueTextReader.row("[\(expected)]".utf8, as: [type])
        // By its text, since a NaN is not even itself.
        var again = ValueText()
        try again.write(try #require(read.first), as: type)
        #expect(again.bytes == text.bytes)
    }

    @Test(
        "P1: a text that is no value of its type is refused",
        arguments: [
            ("INT8", "[128]"), ("INT64", "[1.5]"), ("INT64", "[1]x"), ("INT64", "[1,2]"), ("BOOL", "[1]"),
            ("STRING", "[\"a]"),
            ("STRING", "[\"\\q\"]"), ("INT64[2]", "[[1]]"), ("DECIMAL(5, 2)", "[\"1.5\"]"),
            ("UNION(a INT64)", "[{\"b\":1}]"),
            ("STRUCT(a INT64)", "[{\"b\":1}]"), ("DOUBLE", "[\"nan\"]"), ("UUID", "[\"1\"]"),
        ])
    func noValues(type: String, line: String) throws {
        let type = try #require(ValueType(type))
        #expect(throws: ValueTextReader.Problem.self) { try ValueTextReader.row(line.utf8, as: [type]) }
    }

    @Test(
        "P1: SHA-256 is that of the standard's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func sha256(text: String, expected: String) {
        for piece in [1, 63, 64, 1_000] where text.count < 1_000 || piece == 1_000 {
            var hash = SHA256()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                hash.update(Array(bytes[start..<min(bytes.count, start + piece)]))
            }
            #expect(SHA256.hexadecimal(hash.finalize()) == expected)
        }
    }

    @Test("P1: the content's digest knows each row, however often it is there, and no order")
    func digests() {
        func digest(_ rows: String...) -> String {
            var digest = ContentDigest()
            for row in rows { digest.add(Array(row.utf8)) }
            return digest.text
        }
        #expect(digest("a", "b", "c") == digest("c", "a", "b"))
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(digest("a", "a") != digest("a") && digest("a", "a", "b") != digest("a", "b", "b"))
    }
}
