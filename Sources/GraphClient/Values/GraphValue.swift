import Foundation

/// A value of the graph engine: a parameter, or a column of a row. One case for each type of the engine.
public enum GraphValue: Sendable, Hashable, Codable {
    case null
    case bool(Bool)
    case int8(Int8)
    case int16(Int16)
    case int32(Int32)
    /// INT64 and SERIAL.
    case int64(Int64)
    /// Apart, since its alignment of 16 bytes would be that of every value, for which memory is much dearer.
    indirect case int128(Int128)
    case uint8(UInt8)
    case uint16(UInt16)
    case uint32(UInt32)
    case uint64(UInt64)
    case float(Float)
    case double(Double)
    indirect case decimal(GraphDecimal)
    case string(String)
    case blob([UInt8])
    case uuid(UUID)
    case date(GraphDate)
    case timestamp(GraphTimestamp)
    case interval(GraphInterval)
    /// The engine's own identifier of a node or relationship. Not stable: never store it.
    case internalID(GraphInternalID)
    case list([GraphValue])
    /// A list whose length the type fixes.
    case array([GraphValue])
    case structure(GraphFields)
    case map([GraphMapEntry])
    /// UNION: the value of the alternative in use. The engine's C interface doesn't tell the alternative's name; ask for `union_tag(x)`
    /// where it matters.
    indirect case union(GraphValue)
    indirect case node(GraphNode)
    indirect case relationship(GraphRelationship)
    /// RECURSIVE_REL: what a variable-length pattern matched.
    indirect case path(GraphPath)
}

extension GraphValue {
    /// Whether the value is NULL.
    public var isNull: Bool { self == .null }

    /// The type's name as the engine writes it, for messages.
    public var typeName: String {
        switch self {
        case .null: "NULL"
        case .bool: "BOOL"
        case .int8: "INT8"
        case .int16: "INT16"
        case .int32: "INT32"
        case .int64: "INT64"
        case .int128: "INT128"
        case .uint8: "UINT8"
        case .uint16: "UINT16"
        case .uint32: "UINT32"
        case .uint64: "UINT64"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .decimal: "DECIMAL"
        case .string: "STRING"
        case .blob: "BLOB"
        case .uuid: "UUID"
        case .date: "DATE"
        case .timestamp(let timestamp): timestamp.precision.typeName
        case .interval: "INTERVAL"
        case .internalID: "INTERNAL_ID"
        case .list: "LIST"
        case .array: "ARRAY"
        case .structure: "STRUCT"
        case .map: "MAP"
        case .union: "UNION"
        case .node: "NODE"
        case .relationship: "REL"
        case .path: "RECURSIVE_REL"
        }
    }
}

extension GraphValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
    /// A BOOL.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An INT64.
    public init(integerLiteral value: Int64) { self = .int64(value) }
    /// A DOUBLE.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A STRING.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A LIST.
    public init(arrayLiteral elements: GraphValue...) { self = .list(elements) }
    /// A STRUCT.
    public init(dictionaryLiteral elements: (String, GraphValue)...) {
        self = .structure(GraphFields(elements.map { GraphField($0, $1) }))
    }
}
