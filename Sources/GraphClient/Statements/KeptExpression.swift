/// Finds an expression that the engine keeps with the schema, and can't read again: the DEFAULT of a property, or a macro, with a comparison,
/// with NOT, AND, OR, XOR or IS, with a lambda, or with any(), all(), none() or single() of a list. It works until the database is opened again; then LadybugDB
/// doesn't open it, and Kùzu takes it and everything that was committed after it for not there (H25).
enum KeptExpression {
    typealias Token = CypherScanner.Token

    /// Why a statement is refused; nil if it has none.
    static func objection(to tokens: ArraySlice<Token>) -> String? {
        switch (tokens.first?.keyword, tokens.dropFirst().first?.keyword) {
        case ("CREATE", "MACRO"):
            guard let start = tokens.firstIndex(where: { $0.keyword == "AS" }),
                let operation = unreadable(in: tokens[(start + 1)...])
            else { return nil }
            return reason("a macro", operation) + " Write the expression in the statements that need it."
        case ("CREATE", "NODE"), ("CREATE", "REL"), ("ALTER", _):
            for index in tokens.indices where tokens[index].keyword == "DEFAULT" {
                guard let operation = unreadable(in: expression(after: index, in: tokens)) else { continue }
                return reason("a default", operation) + " Write its value in place of it."
            }
            return nil
        default:
            return nil
        }
    }

    private static func reason(_ place: String, _ operation: String) -> String {
        """
        The engine can't read \(place) with \(operation) when it opens the database again, and would lose what was written since the last \
        checkpoint, or the whole database.
        """
    }

    /// Up to the comma or bracket that ends it.
    private static func expression(after index: Int, in tokens: ArraySlice<Token>) -> ArraySlice<Token> {
        var depth = 0
        let rest = tokens[(index + 1)...]
        let end = rest.firstIndex { token in
            guard case .symbol(let byte) = token else { return false }
            if "([{".utf8.contains(byte) { depth += 1 }
            if ")]}".utf8.contains(byte) { depth -= 1 }
            return depth < 0 || depth == 0 && byte == UInt8(ascii: ",")
        }
        return rest[..<(end ?? rest.endIndex)]
    }

    private static func unreadable(in expression: ArraySlice<Token>) -> String? {
        for index in expression.indices {
            switch expression[index] {
            case .word(let word):
                let word = word.uppercased()
                if ["NOT", "AND", "OR", "XOR", "IS"].contains(word) { return word }
                if word == "WHERE" { return "a search of a list" }
            case .symbol(let byte) where "<=>".utf8.contains(byte):
                let next = symbol(index + 1, expression)
                let previous = symbol(index - 1, expression)
                // Shifts, and a match with a pattern, are functions to the engine.
                if byte == UInt8(ascii: "="), next == UInt8(ascii: "~") { continue }
                if byte != UInt8(ascii: "="), next == byte || previous == byte { continue }
                let isLambda = byte == UInt8(ascii: ">") && previous == UInt8(ascii: "-")
                return isLambda ? "a lambda" : "a comparison"
            default: continue
            }
        }
        return nil
    }

    private static func symbol(_ index: Int, _ tokens: ArraySlice<Token>) -> UInt8? {
        guard tokens.indices.contains(index), case .symbol(let byte) = tokens[index] else { return nil }
        return byte
    }
}
