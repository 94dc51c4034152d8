/// What a statement of SQL or Cypher needs and does, as far as its words tell.
package struct StatementText: Sendable, Hashable {
    /// Which language it is in.
    package enum Language: Sendable, Hashable {
        case sql, cypher

        fileprivate var writingWords: Set<String> {
            switch self {
            case .sql:
                [
                    "INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM", "REINDEX", "ANALYZE",
                    "PRAGMA",
                ]
            case .cypher:
                [
                    "CREATE", "MERGE", "SET", "DELETE", "REMOVE", "DROP", "ALTER", "COPY", "IMPORT", "INSTALL",
                    "CHECKPOINT",
                ]
            }
        }
    }

    package let text: String
    package let language: Language
    /// The names after `$`, each once, in the order in which they come first.
    package private(set) var parameters: [String] = []
    /// Whether some word in it writes.
    package private(set) var writes = false

    /// Whether some word in it says that a statement of SQL returns the rows that it changes.
    package private(set) var returns = false

    /// Quoted parts and comments are passed over.
    package init(_ text: String, _ language: Language) {
        self.text = text
        self.language = language
        var rest = Substring(text)
        var before: Character?
        while let character = rest.first {
            defer { before = character }
            if let end = Self.opaqueEnd(rest, language) {
                rest = rest[end...]
            } else if character == "$" {
                rest.removeFirst()
                let name = String(rest.prefix { $0.isValueName })
                rest.removeFirst(name.count)
                if let first = name.first, !first.isNumber, !parameters.contains(name) { parameters.append(name) }
            } else if character.isLetter || character == "_" {
                let word = rest.prefix { $0.isValueName || $0.isLetter }
                rest.removeFirst(max(1, word.count))
                // SQL's function replace(…) writes nothing; Cypher has CREATE(…). After a point or a colon stands the name of
                // a column, a property, or a label.
                let isCall = language == .sql && rest.first == "("
                let isName = before == "." || (before == ":" && language == .cypher)
                if !isCall, !isName, language.writingWords.contains(word.uppercased()) { writes = true }
                if !isName, language == .sql, word.uppercased() == "RETURNING" { returns = true }
            } else {
                rest.removeFirst()
            }
        }
    }

    /// Where a quoted part or comment that begins here ends; nil where none begins.
    private static func opaqueEnd(_ text: Substring, _ language: Language) -> String.Index? {
        guard let first = text.first else { return nil }
        let isLineComment = language == .sql ? text.hasPrefix("--") : text.hasPrefix("//")
        if isLineComment { return text.firstIndex(of: "\n") ?? text.endIndex }
        if text.hasPrefix("/*") {
            var index = text.index(text.startIndex, offsetBy: 2)
            while index < text.endIndex, !text[index...].hasPrefix("*/") { index = text.index(after: index) }
            return text.index(index, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
        }
        guard first == "'" || first == "\"" || first == "`" else { return nil }
        var index = text.index(after: text.startIndex)
        while index < text.endIndex {
            let character = text[index]
            index = text.index(after: index)
            if character == "\\", language == .cypher, index < text.endIndex {
                index = text.index(after: index)
            } else if character == first {
                // A doubled quote looks like the end and another beginning, which comes to the same.
                return index
            }
        }
        return text.endIndex
    }
}
