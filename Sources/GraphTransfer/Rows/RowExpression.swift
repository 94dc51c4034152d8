import GraphClient

/// Writes a value as an expression of Cypher with parameters: for values that can't be parameters themselves, since the engine makes them
/// from C in part only, or finds another type for them than their property's.
struct RowExpression {
    private(set) var parameters: [(name: String, value: GraphValue)] = []

    /// The expression of a value that a property of `type` is set to.
    ///
    /// - Parameter isOutermost: whether it is the property's value itself, and not a part of it.
    mutating func text(_ value: GraphValue, as type: ValueType, isOutermost: Bool = true) -> String {
        switch (value, type) {
        case (.null, _): return isOutermost ? "NULL" : null(type)
        case (.list(let elements), .list(let element)), (.array(let elements), .array(let element, _)):
            let parts = elements.map { text($0, as: element, isOutermost: false) }
            return "cast([\(parts.joined(separator: ", "))] AS \(type))"
        case (.structure(let fields), .structure(let types)):
            let parts = zip(fields, types).map { field, type in
                "\(Cypher.fieldName(type.name)): \(text(field.value, as: type.type, isOutermost: false))"
            }
            return "{\(parts.joined(separator: ", "))}"
        case (.map(let entries), .map(let key, let value)):
            let keys = entries.map { text($0.key, as: key, isOutermost: false) }
            let values = entries.map { text($0.value, as: value, isOutermost: false) }
            let map = "map([\(keys.joined(separator: ", "))], [\(values.joined(separator: ", "))])"
            return entries.isEmpty ? "cast(\(map) AS \(type))" : map
        case (.structure(let fields), .union(let alternatives)):
            return union(fields, alternatives, type, isOutermost: isOutermost)
        case (.decimal(let decimal), .decimal):
            return "cast(\(parameter(.string(decimal.description))) AS \(type))"
        default:
            return parameter(value)
        }
    }

    /// By its alternative's name where that can be said, and elsewhere by the value's type, which the engine finds it by: within other
    /// values, and in Kùzu where the name needs quotes.
    private mutating func union(
        _ fields: GraphFields, _ alternatives: [ValueType.Field], _ type: ValueType, isOutermost: Bool
    ) -> String {
        guard let field = fields.first, let alternative = alternatives.first(where: { $0.name == field.name }) else {
            return "NULL"
        }
        let inner = text(field.value, as: alternative.type, isOutermost: false)
        let isNamed = isOutermost && Cypher.fieldName(field.name) == field.name
        return isNamed ? "union_value(\(field.name) := \(inner))" : "cast(\(inner) AS \(type))"
    }

    /// A NULL of a type. To the engine a NULL that it can work out beforehand has none, even after a cast: a list of nothing else would be one
    /// of numbers.
    private mutating func null(_ type: ValueType) -> String {
        if !parameters.contains(where: { $0.name == Self.never }) { parameters.append((Self.never, false)) }
        return "CASE WHEN $\(Self.never) THEN \(type.example) END"
    }

    private static let never = "never"

    private mutating func parameter(_ value: GraphValue) -> String {
        let name = "p\(parameters.count)"
        parameters.append((name, value))
        return "$\(name)"
    }
}

extension ValueType {
    /// Whether a value has a UNION that is NULL somewhere in a STRUCT, of which LadybugDB makes another value.
    func hasNullUnion(in value: GraphValue, isWithinStruct: Bool = false) -> Bool {
        switch (value, self) {
        case (.null, .union): return isWithinStruct
        case (.list(let elements), .list(let element)), (.array(let elements), .array(let element, _)):
            return elements.contains { element.hasNullUnion(in: $0, isWithinStruct: isWithinStruct) }
        case (.structure(let fields), .structure(let types)):
            return zip(fields, types).contains { $1.type.hasNullUnion(in: $0.value, isWithinStruct: true) }
        case (.map(let entries), .map(_, let inner)):
            return entries.contains { inner.hasNullUnion(in: $0.value, isWithinStruct: isWithinStruct) }
        default: return false
        }
    }
}

extension ValueType {
    /// An expression that is some value of the type.
    fileprivate var example: String {
        switch self {
        case .scalar(.bool): "true"
        case .scalar(.string): "''"
        case .scalar(.blob): "blob('')"
        case .scalar(.uuid): "uuid('00000000-0000-0000-0000-000000000000')"
        case .scalar(.date), .scalar(.timestamp), .scalar(.timestampSeconds), .scalar(.timestampMilliseconds),
            .scalar(.timestampNanoseconds), .scalar(.timestampTimeZone):
            "cast('2000-01-01' AS \(self))"
        case .scalar(.interval): "interval('1 day')"
        case .scalar(.serial): "0"
        case .scalar, .decimal: "cast('0' AS \(self))"
        case .list(let element): "cast([\(element.example)] AS \(self))"
        case .array(let element, let count):
            "cast([\([String](repeating: element.example, count: count).joined(separator: ", "))] AS \(self))"
        case .structure(let fields):
            "{" + fields.map { "\(Cypher.fieldName($0.name)): \($0.type.example)" }.joined(separator: ", ") + "}"
        case .map(let key, let value): "map([\(key.example)], [\(value.example)])"
        case .union(let alternatives):
            "cast(\(alternatives.first?.type.example ?? "NULL") AS \(self))"
        }
    }
}
