import GraphClient

/// An expression of Cypher, with the texts in it written in the way that both engines read alike: after a backslash Kùzu takes each letter for
/// itself, and LadybugDB `\n` for a new line.
struct PortableExpression {
    /// What both read as the one that wrote the expression does.
    let text: String

    /// - Parameter author: the engine to which the expression was given.
    init(_ expression: String, of author: GraphEngine.Kind) {
        var rest = expression.unicodeScalars[...]
        var result = String.UnicodeScalarView()
        var quote: Unicode.Scalar?
        while let scalar = rest.popFirst() {
            if scalar == "\\", quote != nil, quote != "`", let escaped = rest.popFirst() {
                result.append(contentsOf: Self.escape(escaped, &rest, author).unicodeScalars)
                continue
            }
            result.append(scalar)
            if quote == nil, ["'", "\"", "`"].contains(scalar) {
                quote = scalar
            } else if quote == scalar {
                quote = nil
            }
        }
        text = String(result)
    }

    private static func escape(
        _ escaped: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView, _ author: GraphEngine.Kind
    ) -> String {
        if ["\\", "'", "\""].contains(escaped) { return "\\\(escaped)" }
        guard author == .ladybug else { return String(escaped) }
        switch escaped {
        case "n", "N": return "\n"
        case "t", "T": return "\t"
        case "r", "R": return "\r"
        case "b", "B": return "\u{8}"
        case "f", "F": return "\u{C}"
        case "u", "U":
            let digits = rest.prefix(escaped == "u" ? 4 : 8)
            guard let scalar = UInt32(String(digits), radix: 16).flatMap(Unicode.Scalar.init) else {
                return "\\\\\(escaped)"
            }
            rest = rest.dropFirst(digits.count)
            return ["\\", "'", "\""].contains(scalar) ? "\\\(scalar)" : String(scalar)
        default: return "\\\\\(escaped)"
        }
    }
}
