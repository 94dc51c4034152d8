/// Splits a Cypher text into the tokens that Trivet needs to judge it: words, parameters and punctuation.
/// String literals, quoted names and comments are passed over, so that nothing within them is mistaken for a keyword.
struct CypherScanner {
    enum Token: Equatable {
        /// A keyword or name, as written.
        case word(Substring)
        /// A parameter's name, without `$`, and where it stands in the text, `$` included.
        case parameter(Substring)
        /// `'…'`, `"…"` or `` `…` ``.
        case quoted
        /// A number; its value never matters here.
        case number
        case symbol(UInt8)
    }

    private let text: Substring.UTF8View
    private var index: Substring.UTF8View.Index

    init(_ text: String) {
        self.text = text[...].utf8
        index = self.text.startIndex
    }

    /// Every token of `text` with its place.
    static func tokens(in text: String) -> [(token: Token, range: Range<String.Index>)] {
        var scanner = CypherScanner(text)
        var tokens: [(Token, Range<String.Index>)] = []
        while let next = scanner.next() { tokens.append(next) }
        return tokens
    }

    private mutating func next() -> (Token, Range<String.Index>)? {
        skipSpaceAndComments()
        guard index < text.endIndex else { return nil }
        let start = index
        let token = scan(text[index])
        return (token, start..<index)
    }

    private mutating func scan(_ byte: UInt8) -> Token {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            skipQuoted(until: byte, escapes: true)
            return .quoted
        case UInt8(ascii: "`"):
            skipQuoted(until: byte, escapes: false)
            return .quoted
        case UInt8(ascii: "$"):
            text.formIndex(after: &index)
            return .parameter(takeName())
        case _ where Self.isDigit(byte):
            _ = takeName()
            return .number
        case _ where Self.isName(byte):
            return .word(takeName())
        default:
            text.formIndex(after: &index)
            return .symbol(byte)
        }
    }

    private mutating func takeName() -> Substring {
        let start = index
        while index < text.endIndex, Self.isName(text[index]) || Self.isDigit(text[index]) {
            text.formIndex(after: &index)
        }
        return Substring(text[start..<index])
    }

    private mutating func skipQuoted(until quote: UInt8, escapes: Bool) {
        text.formIndex(after: &index)
        while index < text.endIndex {
            let byte = text[index]
            text.formIndex(after: &index)
            if byte == quote { return }
            if escapes, byte == UInt8(ascii: "\\"), index < text.endIndex { text.formIndex(after: &index) }
        }
    }

    private mutating func skipSpaceAndComments() {
        while index < text.endIndex {
            switch (text[index], byteAfterIndex) {
            case (UInt8(ascii: " "), _), (UInt8(ascii: "\t")...UInt8(ascii: "\r"), _):
                text.formIndex(after: &index)
            case (UInt8(ascii: "/"), UInt8(ascii: "/")):
                while index < text.endIndex, text[index] != UInt8(ascii: "\n") { text.formIndex(after: &index) }
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                text.formIndex(&index, offsetBy: 2)
                while index < text.endIndex, !(text[index] == UInt8(ascii: "*") && byteAfterIndex == UInt8(ascii: "/"))
                {
                    text.formIndex(after: &index)
                }
                text.formIndex(&index, offsetBy: 2, limitedBy: text.endIndex)
            default:
                return
            }
        }
    }

    private var byteAfterIndex: UInt8? {
        let next = text.index(after: index)
        return next < text.endIndex ? text[next] : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Letters, `_`, and every byte beyond ASCII: the engine allows names in any script.
    private static func isName(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}

extension Substring.UTF8View {
    fileprivate func formIndex(_ index: inout Index, offsetBy distance: Int, limitedBy limit: Index) {
        index = self.index(index, offsetBy: distance, limitedBy: limit) ?? limit
    }
}

extension CypherScanner.Token {
    /// The word in upper case, or an empty text for everything else.
    var keyword: String {
        if case .word(let word) = self { word.uppercased() } else { "" }
    }
}
