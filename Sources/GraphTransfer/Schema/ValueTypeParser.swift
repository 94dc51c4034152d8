/// Reads a type as the engines write it: `STRUCT(a INT64, b MAP(STRING, DECIMAL(10, 2))[])[3]`.
struct ValueTypeParser {
    private var rest: Substring

    init(_ text: String) {
        rest = Substring(text)
    }

    var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

    mutating func type() -> ValueType? {
        guard let name = word(), var type = type(named: name.uppercased()) else { return nil }
        while take("[") {
            if take("]") {
                type = .list(type)
            } else {
                guard let count = number(), take("]") else { return nil }
                type = .array(type, count: count)
            }
        }
        return type
    }

    private mutating func type(named name: String) -> ValueType? {
        switch name {
        case "STRUCT": return fields().map(ValueType.structure)
        case "UNION": return fields().map(ValueType.union)
        case "MAP":
            guard take("("), let key = type(), take(","), let value = type(), take(")") else { return nil }
            return .map(key: key, value: value)
        case "DECIMAL":
            guard take("("), let precision = number(), take(","), let scale = number(), take(")") else { return nil }
            return .decimal(precision: precision, scale: scale)
        default:
            return ValueType.Scalar(rawValue: name).map(ValueType.scalar)
        }
    }

    private mutating func fields() -> [ValueType.Field]? {
        guard take("(") else { return nil }
        var fields: [ValueType.Field] = []
        repeat {
            guard let name = fieldName(), let type = type() else { return nil }
            fields.append(ValueType.Field(name: name, type: type))
        } while take(",")
        return take(")") ? fields : nil
    }

    /// Kùzu keeps the quotes of a field's name as part of it, Ladybug doesn't: without them it is the same name to both.
    private mutating func fieldName() -> String? {
        skipSpace()
        guard rest.first == "`" else { return word() }
        guard let end = rest.dropFirst().firstIndex(of: "`") else { return nil }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest.dropFirst()[..<end])
    }

    private mutating func word() -> String? {
        skipSpace()
        let word = rest.prefix { !$0.isWhitespace && !"()[],`".contains($0) }
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(word)
    }

    private mutating func number() -> Int? {
        skipSpace()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return Int(digits)
    }

    private mutating func take(_ symbol: Character) -> Bool {
        skipSpace()
        guard rest.first == symbol else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpace() { rest = rest.drop(while: \.isWhitespace) }
}
