/// A place in a statement where a parameter's value, or a field of its rows, is stored in a property or compared with one:
/// `{property: $p}`, `x.property = $p`, and with `UNWIND $rows AS r` also `r.field` in place of `$p`.
///
/// The engine casts a DOUBLE into an integer property by rounding, without a word (H9); knowing the property lets the client
/// refuse that. An expression around the parameter is the statement's own business and is not looked into.
struct PropertyAssignment: Equatable, Sendable {
    var property: String
    var parameter: String
    /// The field of the rows that `parameter` holds; nil when it is the parameter itself.
    var field: String?

    static func all(in tokens: [CypherScanner.Token]) -> [PropertyAssignment] {
        let rows = rowVariables(in: tokens)
        return tokens.indices.compactMap { index in
            guard index >= 2, case .word(let property) = tokens[index - 2] else { return nil }
            let isMapEntry = tokens[index - 1] == .symbol(UInt8(ascii: ":"))
            let isSet =
                tokens[index - 1] == .symbol(UInt8(ascii: "=")) && index >= 3
                && tokens[index - 3] == .symbol(UInt8(ascii: "."))
            guard isMapEntry || isSet else { return nil }
            if case .parameter(let name) = tokens[index], isWhole(endingAt: index, of: tokens) {
                return PropertyAssignment(property: String(property), parameter: String(name))
            }
            guard case .word(let variable) = tokens[index], let parameter = rows[String(variable)],
                index + 2 < tokens.count, tokens[index + 1] == .symbol(UInt8(ascii: ".")),
                case .word(let field) = tokens[index + 2], isWhole(endingAt: index + 2, of: tokens)
            else { return nil }
            return PropertyAssignment(property: String(property), parameter: parameter, field: String(field))
        }
    }

    /// Whether the expression ends at `index`: what follows is no operator, call or subscript.
    private static func isWhole(endingAt index: Int, of tokens: [CypherScanner.Token]) -> Bool {
        guard index + 1 < tokens.count, case .symbol(let byte) = tokens[index + 1] else { return true }
        return ",})];".utf8.contains(byte)
    }

    /// The variables of `UNWIND $parameter AS variable`.
    private static func rowVariables(in tokens: [CypherScanner.Token]) -> [String: String] {
        var variables: [String: String] = [:]
        for index in tokens.indices.dropFirst(3) {
            if case .word(let unwind) = tokens[index - 3], unwind.uppercased() == "UNWIND",
                case .parameter(let parameter) = tokens[index - 2],
                case .word(let variable) = tokens[index]
            {
                variables[String(variable)] = String(parameter)
            }
        }
        return variables
    }
}
