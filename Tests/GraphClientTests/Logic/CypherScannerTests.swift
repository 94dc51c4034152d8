import Measurement
import Testing

@testable import GraphClient

@Suite("Cypher scanner: what is a word, and what only looks like one")
struct CypherScannerTests {
    private func words(_ text: String) -> [String] {
        CypherScanner.tokens(in: text).compactMap { token, _ in
            if case .word(let word) = token { String(word) } else { nil }
        }
    }

    @Test func `Strings, quoted names and comments hide their words`() {
        #expect(words("RETURN 'CREATE' /* SET */ AS `DROP` // MERGE\n, x") == ["RETURN", "AS", "x"])
    }

    @Test func `An escaped quote does not end a string`() {
        #expect(words(#"RETURN 'it\'s; CREATE' AS y"#) == ["RETURN", "AS", "y"])
        #expect(words(#"RETURN "a\"b" AS y"#) == ["RETURN", "AS", "y"])
    }

    @Test(arguments: ["'", "\"", "`", "/*", "//", "/* *", "$", "'\\", "\u{0}"])
    func `Text that ends too early is no trap`(_ tail: String) {
        #expect(words("RETURN 1 AS x " + tail) == ["RETURN", "AS", "x"])
    }

    @Test func `Parameters are found where they are, and not in strings`() {
        let statement = StatementText("MATCH (u {id: $id}) WHERE u.name = '$no' AND u.größe = $größe RETURN $id")
        #expect(statement.parameterNames == ["id", "größe"])
    }

    @Test func `Any text is scanned to its end`() {
        var generator = SplitMix64(seed: 7)
        let pieces = [
            "'", "\"", "`", "/*", "*/", "//", "\n", "$", "\\", "CREATE", ";", "é", "👩‍🚀", "\u{0}", " ", "1", ".",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }.joined()
            let ranges = CypherScanner.tokens(in: text).map(\.range)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
            #expect(StatementText(text).wrapping([:]) == text)
        }
    }
}
