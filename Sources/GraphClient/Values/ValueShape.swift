/// The type of a parameter's value as a tree, inferred before the engine makes it: the engine wants every element of a list to have
/// the same type, NULLs included, and gives no useful error otherwise.
indirect enum ValueShape: Equatable {
    /// Only NULLs were seen.
    case unknown
    case scalar(GraphValue.ScalarType)
    /// With so many digits after the point.
    case decimal(scale: Int)
    case list(ValueShape)
    case structure([Field])
    case map(key: ValueShape, value: ValueShape)

    struct Field: Equatable {
        var name: String
        var shape: ValueShape
    }

    /// Why a value can't be a parameter, and where in it.
    struct Problem: Error, Equatable {
        var place: String
        var reason: String
    }

    /// - Parameter makesEveryScalar: whether the engine makes a UUID, BLOB or DECIMAL.
    init(of value: GraphValue, at place: String = "", makesEveryScalar: Bool = false) throws(Problem) {
        switch value {
        case .null:
            self = .unknown
        case .list(let elements), .array(let elements):
            self = .list(try Self.merged(elements, at: place, makesEveryScalar))
        case .structure(let fields):
            self = .structure(try Self.fields(of: fields, at: place, makesEveryScalar))
        case .map(let entries):
            guard !entries.isEmpty else {
                throw Problem(
                    place: place,
                    reason: "the engine takes no empty MAP as a value; write map([], []) in the statement.")
            }
            self = .map(
                key: try Self.merged(entries.map(\.key), at: place + ".key", makesEveryScalar),
                value: try Self.merged(entries.map(\.value), at: place + ".value", makesEveryScalar))
        case .decimal(let decimal) where makesEveryScalar:
            self = .decimal(scale: decimal.scale)
        case .uuid, .blob, .decimal:
            guard makesEveryScalar, let scalar = value.scalarType else {
                throw Problem(place: place, reason: Self.remedy(for: value))
            }
            self = .scalar(scalar)
        default:
            guard let scalar = value.scalarType else { throw Problem(place: place, reason: Self.remedy(for: value)) }
            if case .string(let text) = value, text.utf8.contains(0) {
                throw Problem(
                    place: place, reason: "the text contains a NUL character, at which the engine would cut it.")
            }
            self = .scalar(scalar)
        }
    }

    private static func merged(
        _ values: [GraphValue], at place: String, _ makesEveryScalar: Bool
    ) throws(Problem) -> ValueShape {
        var shape = ValueShape.unknown
        for (index, value) in values.enumerated() {
            let elementPlace = "\(place)[\(index)]"
            let other = try ValueShape(of: value, at: elementPlace, makesEveryScalar: makesEveryScalar)
            shape = try shape.merged(with: other, at: elementPlace)
        }
        return shape
    }

    private static func fields(
        of fields: GraphFields, at place: String, _ makesEveryScalar: Bool
    ) throws(Problem) -> [Field] {
        guard !fields.isEmpty else { throw Problem(place: place, reason: "a struct needs at least one field.") }
        var result: [Field] = []
        for field in fields {
            guard !field.name.utf8.contains(0), !result.contains(where: { $0.name == field.name }) else {
                throw Problem(
                    place: place, reason: "the struct's field name \"\(field.name)\" is used twice or has a NUL.")
            }
            let shape = try ValueShape(
                of: field.value, at: "\(place).\(field.name)", makesEveryScalar: makesEveryScalar)
            result.append(Field(name: field.name, shape: shape))
        }
        return result
    }

    private func merged(with other: ValueShape, at place: String) throws(Problem) -> ValueShape {
        switch (self, other) {
        case (.unknown, let known), (let known, .unknown):
            return known
        case (.list(let a), .list(let b)):
            return .list(try a.merged(with: b, at: place))
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            return .map(key: try aKey.merged(with: bKey, at: place), value: try aValue.merged(with: bValue, at: place))
        case (.structure(let a), .structure(let b)):
            guard a.map(\.name) == b.map(\.name) else {
                throw Problem(
                    place: place,
                    reason: """
                        its fields are (\(b.map(\.name).joined(separator: ", "))), those before it have \
                        (\(a.map(\.name).joined(separator: ", "))). Give all the same fields in the same order, NULL where there is no value.
                        """)
            }
            var fields = a
            for index in a.indices {
                fields[index].shape = try a[index].shape.merged(with: b[index].shape, at: "\(place).\(a[index].name)")
            }
            return .structure(fields)
        case (.scalar(let a), .scalar(let b)) where a == b:
            return self
        case (.decimal(let a), .decimal(let b)):
            return .decimal(scale: max(a, b))
        default:
            throw Problem(place: place, reason: "it is \(other.name), those before it are \(name). Use one type.")
        }
    }

    private var name: String {
        switch self {
        case .unknown: "NULL"
        case .scalar(let type): type.rawValue
        case .decimal: "DECIMAL"
        case .list: "a LIST"
        case .structure: "a STRUCT"
        case .map: "a MAP"
        }
    }

    private static func remedy(for value: GraphValue) -> String {
        switch value {
        case .uuid, .blob, .decimal:
            """
            the engine takes no \(value.typeName) inside of a list or struct. Pass a text and write \
            \(value.typeName == "DECIMAL" ? "cast(row.field AS DECIMAL(p, s))" : "\(value.typeName.lowercased())(row.field)").
            """
        case .union(let inner):
            "a UNION can't be passed; pass the \(inner.typeName) itself, and the engine finds the alternative."
        default:
            "a \(value.typeName) can't be passed. Pass its key and MATCH it."
        }
    }
}

extension GraphValue {
    /// The types of which an engine makes a value from C, those with digits to choose aside.
    enum ScalarType: String {
        case bool = "BOOL"
        case int8 = "INT8"
        case int16 = "INT16"
        case int32 = "INT32"
        case int64 = "INT64"
        case int128 = "INT128"
        case uint8 = "UINT8"
        case uint16 = "UINT16"
        case uint32 = "UINT32"
        case uint64 = "UINT64"
        case float = "FLOAT"
        case double = "DOUBLE"
        case string = "STRING"
        case date = "DATE"
        case timestampSeconds = "TIMESTAMP_SEC"
        case timestampMilliseconds = "TIMESTAMP_MS"
        case timestamp = "TIMESTAMP"
        case timestampNanoseconds = "TIMESTAMP_NS"
        case timestampTimeZone = "TIMESTAMP_TZ"
        case interval = "INTERVAL"
        case internalID = "INTERNAL_ID"
        case uuid = "UUID"
        case blob = "BLOB"
    }

    var scalarType: ScalarType? { ScalarType(rawValue: typeName) }
}
