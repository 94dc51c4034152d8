/// Names and texts as Cypher writes them.
enum Cypher {
    /// A table's or property's name. A name with a backtick has no form that both engines read alike, and is refused earlier.
    static func name(_ name: String) -> String { "`\(name)`" }

    /// The name of a struct's field or union's alternative. Kùzu keeps quotes as part of the name, so there are none where none are needed.
    static func fieldName(_ name: String) -> String {
        let isPlain =
            name.first?.isLetter == true
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_")
            }
        return isPlain && !reserved.contains(name.uppercased()) ? name : "`\(name)`"
    }

    /// A text between quotes.
    static func literal(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// Words that are no names in Cypher without quotes, in either engine.
    private static let reserved: Set<String> = [
        "ALL", "AND", "ANY", "ASC", "ASCENDING", "CASE", "CAST", "COLUMN", "CREATE", "DBTYPE", "DEFAULT", "DESC",
        "DESCENDING", "DISTINCT", "ELSE", "END", "ENDS", "EXISTS", "FALSE", "FROM", "GLOB", "GROUP", "HEADERS", "IN",
        "INSTALL", "IS", "LIMIT", "MACRO", "MATCH", "NONE", "NOT", "NULL", "ON", "ONLY", "OPTIONAL", "OR", "ORDER",
        "PRIMARY", "PROFILE", "RETURN", "SET", "SHORTEST", "SINGLE", "SKIP", "STARTS", "TABLE", "THEN", "TO", "TRUE",
        "UNION", "UNWIND", "WHEN", "WHERE", "WITH", "XOR",
    ]
}
