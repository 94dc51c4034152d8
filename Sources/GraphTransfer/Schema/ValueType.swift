/// The type of a property, as a tree.
package indirect enum ValueType: Sendable, Hashable {
    /// A type without parameters, by the engine's name.
    case scalar(Scalar)
    case decimal(precision: Int, scale: Int)
    case list(ValueType)
    case array(ValueType, count: Int)
    case structure([Field])
    case map(key: ValueType, value: ValueType)
    case union([Field])

    package struct Field: Sendable, Hashable {
        package var name: String
        package var type: ValueType
    }

    package enum Scalar: String, Sendable, CaseIterable {
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
        case blob = "BLOB"
        case uuid = "UUID"
        case date = "DATE"
        case timestamp = "TIMESTAMP"
        case timestampSeconds = "TIMESTAMP_SEC"
        case timestampMilliseconds = "TIMESTAMP_MS"
        case timestampNanoseconds = "TIMESTAMP_NS"
        case timestampTimeZone = "TIMESTAMP_TZ"
        case interval = "INTERVAL"
        /// An INT64 that the engine counts up.
        case serial = "SERIAL"
    }
}

extension ValueType: CustomStringConvertible {
    /// As Cypher writes it.
    package var description: String {
        switch self {
        case .scalar(let scalar): scalar.rawValue
        case .decimal(let precision, let scale): "DECIMAL(\(precision), \(scale))"
        case .list(let element): "\(element)[]"
        case .array(let element, let count): "\(element)[\(count)]"
        case .structure(let fields): "STRUCT(\(Self.written(fields)))"
        case .map(let key, let value): "MAP(\(key), \(value))"
        case .union(let fields): "UNION(\(Self.written(fields)))"
        }
    }

    private static func written(_ fields: [Field]) -> String {
        fields.map { "\(Cypher.fieldName($0.name)) \($0.type)" }.joined(separator: ", ")
    }
}

extension ValueType {
    /// The type that the engine writes so; nil for a type that is none of these.
    package init?(_ text: String) {
        var parser = ValueTypeParser(text)
        guard let type = parser.type(), parser.isAtEnd else { return nil }
        self = type
    }
}

extension ValueType: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let type = ValueType(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "There is no type \(text)."))
        }
        self = type
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
