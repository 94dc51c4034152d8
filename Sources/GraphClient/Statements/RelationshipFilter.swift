/// Finds a filter that the engine gets wrong: `IN`, and `list_contains`, on a relationship's property lets other relationships pass once one
/// of the table was deleted since the last checkpoint (H22).
///
/// Judged by words: a relationship under another name (`WITH l AS m`) is not recognised.
enum RelationshipFilter {
    typealias Token = CypherScanner.Token

    /// Why a statement is refused; nil if it has none.
    static func objection(to tokens: [Token]) -> String? {
        let variables = relationshipVariables(in: tokens)
        if variables.isEmpty { return nil }
        for index in tokens.indices {
            guard case .word(let word) = tokens[index] else { continue }
            switch word.uppercased() {
            case "IN" where index >= 3:
                if let property = property(of: variables, at: index - 3, in: tokens) { return reason(property) }
            case "LIST_CONTAINS", "LIST_HAS", "ARRAY_CONTAINS", "ARRAY_HAS":
                // Only what stands in its brackets.
                var depth = 0
                for inner in tokens[(index + 1)...].indices {
                    if tokens[inner] == .symbol(UInt8(ascii: "(")) { depth += 1 }
                    if tokens[inner] == .symbol(UInt8(ascii: ")")) { depth -= 1 }
                    if depth <= 0 { break }
                    if let property = property(of: variables, at: inner, in: tokens) { return reason(property) }
                }
            default: continue
            }
        }
        return nil
    }

    private static func reason(_ property: String) -> String {
        """
        A list that is searched for \(property), a relationship's property, makes the engine find other relationships than the right \
        ones once some were deleted. Write any(x IN … WHERE x = \(property)), or compare with = and OR.
        """
    }

    /// The variables of `-[variable:Label]-`.
    private static func relationshipVariables(in tokens: [Token]) -> Set<Substring> {
        var variables: Set<Substring> = []
        for index in tokens.indices.dropFirst(2).dropLast() {
            if tokens[index - 2] == .symbol(UInt8(ascii: "-")), tokens[index - 1] == .symbol(UInt8(ascii: "[")),
                case .word(let name) = tokens[index], case .symbol(let next) = tokens[index + 1],
                ":]*{".utf8.contains(next)
            {
                variables.insert(name)
            }
        }
        return variables
    }

    /// `variable.property` at `index`, where it is one of a relationship.
    private static func property(of variables: Set<Substring>, at index: Int, in tokens: [Token]) -> String? {
        guard index + 2 < tokens.count, case .word(let variable) = tokens[index], variables.contains(variable),
            tokens[index + 1] == .symbol(UInt8(ascii: "."))
        else { return nil }
        switch tokens[index + 2] {
        case .word(let name): return "\(variable).\(name)"
        case .quoted: return "\(variable).`…`"
        default: return nil
        }
    }
}
