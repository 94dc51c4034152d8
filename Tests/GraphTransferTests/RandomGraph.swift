import Foundation
import GraphClient
import Measurement

@testable import GraphTransfer

/// A graph of random tables with random rows over all types, made from a seed.
struct RandomGraph {
    var random: SplitMix64
    private(set) var nodes: [GraphSchema.NodeTable] = []
    private(set) var relationships: [GraphSchema.RelationshipTable] = []
    /// The keys of each table's nodes.
    private var keys: [String: [GraphValue]] = [:]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Makes tables and rows; each type is a property of one of the tables at least.
    mutating func fill(_ connection: GraphConnection) throws {
        let scalars = ValueType.Scalar.allCases.filter { $0 != .serial }.map(ValueType.scalar)
        let composites = (0..<12).map { _ in type(depth: 3) }
        let types = (scalars + [.decimal(precision: 38, scale: 10), .decimal(precision: 5, scale: 2)] + composites)
            .shuffled(using: &random)
        let names = ["User", "select from", "MATCH", "Grüße"]
        for (index, name) in names.enumerated() {
            let own = types.indices.filter { $0 % names.count == index }.map { types[$0] }
            try makeNodes(name, own, connection)
        }
        try makeNodes("Empty", [.scalar(.string)], connection)
        for index in 0..<4 { try makeRelationships("L\(index)", connection) }
    }

    private mutating func makeNodes(_ name: String, _ types: [ValueType], _ connection: GraphConnection) throws {
        let keyType = ValueType.scalar(
            [.int64, .string, .uuid, .int8, .date, .blob, .uint64, .int128].randomElement(using: &random) ?? .int64)
        let columns = ["`the key` \(keyType)"] + types.enumerated().map { "`from \($0)` \($1)" }
        try connection.execute(
            "CREATE NODE TABLE `\(name)`(\(columns.joined(separator: ", ")), PRIMARY KEY(`the key`))")
        let properties = types.enumerated().map { GraphSchema.Property(name: "from \($0)", type: $1) }
        nodes.append(
            GraphSchema.NodeTable(
                name: name, key: "the key",
                properties: [GraphSchema.Property(name: "the key", type: keyType)] + properties))
        for index in 0..<(name == "Empty" ? 0 : Int.random(in: 1...40, using: &random)) {
            let key = key(keyType, index)
            var cypher = CypherValue()
            var map = ["`the key`: \(cypher.text(key, keyType))"]
            for property in properties where Int.random(in: 0..<5, using: &random) > 0 {
                map.append("`\(property.name)`: \(cypher.text(value(property.type), property.type, isInner: false))")
            }
            try connection.execute("CREATE (:`\(name)` {\(map.joined(separator: ", "))})", cypher.parameters)
            keys[name, default: []].append(key)
        }
    }

    private mutating func makeRelationships(_ name: String, _ connection: GraphConnection) throws {
        var pairs: [GraphSchema.Connection] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let (from, to) = (nodes.randomElement(using: &random), nodes.randomElement(using: &random))
            guard let from, let to, !pairs.contains(where: { $0.from == from.name && $0.to == to.name }) else {
                continue
            }
            pairs.append(GraphSchema.Connection(from: from.name, to: to.name))
        }
        let types = (0..<Int.random(in: 0...4, using: &random)).map { _ in type(depth: 2) }
        let parts =
            pairs.map { "FROM `\($0.from)` TO `\($0.to)`" } + types.enumerated().map { "`p\($0)` \($1)" }
        try connection.execute("CREATE REL TABLE `\(name)`(\(parts.joined(separator: ", ")))")
        relationships.append(
            GraphSchema.RelationshipTable(
                name: name, multiplicity: .manyToMany, connections: pairs,
                properties: types.enumerated().map { GraphSchema.Property(name: "p\($0)", type: $1) }))
        for pair in pairs {
            guard let from = keys[pair.from], let to = keys[pair.to] else { continue }
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                var cypher = CypherValue()
                let map = types.enumerated().map { "`p\($0)`: \(cypher.text(value($1), $1, isInner: false))" }
                try connection.execute(
                    """
                    MATCH (a:`\(pair.from)` {`the key`: \(cypher.key(from.randomElement(using: &random)))}) WITH a
                    MATCH (b:`\(pair.to)` {`the key`: \(cypher.key(to.randomElement(using: &random)))})
                    CREATE (a)-[:`\(name)`\(map.isEmpty ? "" : " {\(map.joined(separator: ", "))}")]->(b)
                    """, cypher.parameters)
            }
        }
    }

    // MARK: - Types

    private mutating func type(depth: Int) -> ValueType {
        guard depth > 0, Int.random(in: 0..<4, using: &random) > 0 else { return scalar() }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return .list(type(depth: depth - 1))
        case 1: return .array(scalar(), count: Int.random(in: 1...3, using: &random))
        case 2:
            let names = ["a", "from", "Match", "b_2"].prefix(Int.random(in: 1...4, using: &random))
            return .structure(names.map { ValueType.Field(name: $0, type: type(depth: depth - 1)) })
        case 3:
            let key: ValueType.Scalar = [.string, .int64, .uuid, .date].randomElement(using: &random) ?? .string
            return .map(key: .scalar(key), value: type(depth: depth - 1))
        default:
            return .union([
                ValueType.Field(name: "num", type: .scalar(.int64)),
                ValueType.Field(name: "str", type: .scalar(.string)),
                ValueType.Field(name: "day", type: .scalar(.date)),
            ])
        }
    }

    private mutating func scalar() -> ValueType {
        let scalars = ValueType.Scalar.allCases.filter { $0 != .serial }.map(ValueType.scalar)
        return (scalars + [.decimal(precision: 10, scale: 3)]).randomElement(using: &random) ?? .scalar(.int64)
    }

    // MARK: - Values

    private func key(_ type: ValueType, _ index: Int) -> GraphValue {
        switch type {
        case .scalar(.string): .string("kéy '\(index)'")
        case .scalar(.uuid): .uuid(UUID(uuid: (UInt8(index), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)))
        case .scalar(.int8): .int8(Int8(index) - 20)
        case .scalar(.date): .date(GraphDate(daysSince1970: Int32(index) - 20))
        case .scalar(.blob): .blob([0, UInt8(index), 39, 92])
        case .scalar(.uint64): .uint64(.max - UInt64(index))
        case .scalar(.int128): .int128(Int128(index) << 80)
        default: .int64(Int64(index) - 20)
        }
    }

    private mutating func value(_ type: ValueType, isNullable: Bool = true, isInStruct: Bool = false) -> GraphValue {
        // LadybugDB makes another value of a UNION that is NULL in a STRUCT.
        if isNullable, !(isInStruct && type.isUnion), Int.random(in: 0..<6, using: &random) == 0 { return .null }
        switch type {
        case .scalar(let scalar): return value(scalar)
        case .decimal(let precision, let scale):
            let most = (0..<min(precision, 18)).reduce(Int64(1)) { most, _ in most * 10 } - 1
            return .decimal(
                GraphDecimal(unscaled: Int128(Int64.random(in: -most...most, using: &random)), scale: scale))
        case .list(let element):
            return .list(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in value(element, isInStruct: isInStruct) })
        case .array(let element, let count):
            return .array((0..<count).map { _ in value(element, isInStruct: isInStruct) })
        case .structure(let fields):
            return .structure(GraphFields(fields.map { GraphField($0.name, value($0.type, isInStruct: true)) }))
        case .map(let key, let inner):
            return .map(
                (0..<Int.random(in: 0...3, using: &random)).map { index in
                    GraphMapEntry(key: self.key(key, index), value: value(inner, isInStruct: isInStruct))
                })
        case .union(let alternatives):
            let alternative = alternatives.randomElement(using: &random) ?? alternatives[0]
            return .structure(GraphFields([GraphField(alternative.name, value(alternative.type, isNullable: false))]))
        }
    }

    private mutating func value(_ scalar: ValueType.Scalar) -> GraphValue {
        let bits = Bool.random(using: &random) ? random.next() : random.next() % 100
        switch scalar {
        case .bool: return .bool(bits.isMultiple(of: 2))
        case .int8: return .int8(Int8(truncatingIfNeeded: bits))
        case .int16: return .int16(Int16(truncatingIfNeeded: bits))
        case .int32: return .int32(Int32(truncatingIfNeeded: bits))
        case .int64, .serial: return .int64(Int64(bitPattern: bits))
        case .int128: return .int128(Int128(Int64(bitPattern: bits)) * Int128(Int64.max - 5))
        case .uint8: return .uint8(UInt8(truncatingIfNeeded: bits))
        case .uint16: return .uint16(UInt16(truncatingIfNeeded: bits))
        case .uint32: return .uint32(UInt32(truncatingIfNeeded: bits))
        case .uint64: return .uint64(bits)
        // Without NaN, beside which Kùzu's checkpoints make NaN of the column's other numbers.
        case .float:
            return .float(
                [0.1, -0.0, .infinity, -.infinity, 3e38, .leastNonzeroMagnitude].randomElement(using: &random)
                    ?? 0)
        case .double:
            return .double(
                [0.1, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, 1.7e308, Double(bits)].randomElement(
                    using: &random)
                    ?? 0)
        case .string:
            return .string(
                ["", "Grüße, 👩‍🚀", "x'y\"z\\", "a\nb\tc\u{1}\u{7F}", "null", "\u{2028}"].randomElement(using: &random)
                    ?? "")
        case .blob: return .blob((0..<Int(bits % 5)).map { _ in UInt8.random(in: 0...255, using: &random) })
        case .uuid:
            return .uuid(
                UUID(uuidString: "00000000-0000-4000-8000-\(String(format: "%012llx", bits & 0xFFFF_FFFF_FFFF))")
                    ?? UUID())
        case .date: return .date(GraphDate(daysSince1970: Int32(truncatingIfNeeded: bits % 100_000) - 50_000))
        case .timestamp: return .timestamp(GraphTimestamp(moment(bits)))
        case .timestampSeconds: return .timestamp(GraphTimestamp(moment(bits) / 1_000_000, .seconds))
        case .timestampMilliseconds: return .timestamp(GraphTimestamp(moment(bits) / 1_000, .milliseconds))
        case .timestampNanoseconds: return .timestamp(GraphTimestamp(moment(bits), .nanoseconds))
        case .timestampTimeZone: return .timestamp(GraphTimestamp(moment(bits), .microsecondsWithTimeZone))
        case .interval:
            return .interval(
                GraphInterval(
                    months: Int32(bits % 50) - 25, days: Int32(bits % 300) - 100, microseconds: moment(bits) / 1_000))
        }
    }

    private func moment(_ bits: UInt64) -> Int64 { Int64(bits % 8_000_000_000_000_000) - 4_000_000_000_000_000 }
}

/// Values as expressions with parameters, written apart from what is tested.
struct CypherValue {
    private var values: [String: GraphValue] = [:]
    var parameters: GraphParameters { GraphParameters(values) }

    mutating func key(_ value: GraphValue?) -> String { leaf(value ?? .null) }

    mutating func text(_ value: GraphValue, _ type: ValueType, isInner: Bool = true) -> String {
        switch (value, type) {
        case (.null, _): return isInner ? null(type) : "NULL"
        case (.list(let elements), .list(let element)), (.array(let elements), .array(let element, _)):
            return "cast([\(elements.map { text($0, element) }.joined(separator: ", "))] AS \(type))"
        case (.structure(let fields), .structure(let types)):
            return "{" + zip(fields, types).map { "`\($1.name)`: \(text($0.value, $1.type))" }.joined(separator: ", ")
                + "}"
        case (.map(let entries), .map(let key, let inner)):
            let keys = entries.map { text($0.key, key) }.joined(separator: ", ")
            let values = entries.map { text($0.value, inner) }.joined(separator: ", ")
            return entries.isEmpty ? "cast(map([], []) AS \(type))" : "map([\(keys)], [\(values)])"
        case (.structure(let fields), .union(let alternatives)):
            let inner = alternatives.first { $0.name == fields[0].name }?.type ?? alternatives[0].type
            return "cast(\(text(fields[0].value, inner)) AS \(type))"
        case (.decimal(let decimal), _): return "cast(\(leaf(.string(decimal.description))) AS \(type))"
        default: return leaf(value)
        }
    }

    /// By taking it out of a list with something else in it: a list of NULLs alone has no type.
    private mutating func null(_ type: ValueType) -> String {
        "list_extract([\(text(type.some, type)), NULL], 2)"
    }

    private mutating func leaf(_ value: GraphValue) -> String {
        let name = "v\(values.count)"
        values[name] = value
        return "$\(name)"
    }
}

extension ValueType {
    fileprivate var isUnion: Bool {
        if case .union = self { true } else { false }
    }

    /// Some value of the type that is not NULL.
    fileprivate var some: GraphValue {
        switch self {
        case .scalar(let scalar): Self.someScalar(scalar)
        case .decimal(_, let scale): .decimal(GraphDecimal(unscaled: 1, scale: scale))
        case .list(let element): .list([element.some])
        case .array(let element, let count): .array([GraphValue](repeating: element.some, count: count))
        case .structure(let fields): .structure(GraphFields(fields.map { GraphField($0.name, $0.type.some) }))
        case .map(let key, let value): .map([GraphMapEntry(key: key.some, value: value.some)])
        case .union(let alternatives):
            .structure(GraphFields([GraphField(alternatives[0].name, alternatives[0].type.some)]))
        }
    }

    private static func someScalar(_ scalar: Scalar) -> GraphValue {
        switch scalar {
        case .bool: .bool(true)
        case .int8: .int8(1)
        case .int16: .int16(1)
        case .int32: .int32(1)
        case .int64, .serial: .int64(1)
        case .int128: .int128(1)
        case .uint8: .uint8(1)
        case .uint16: .uint16(1)
        case .uint32: .uint32(1)
        case .uint64: .uint64(1)
        case .float: .float(1)
        case .double: .double(1)
        case .string: "x"
        case .blob: .blob([1])
        case .uuid: .uuid(UUID())
        case .date: .date(GraphDate(daysSince1970: 1))
        case .timestamp: .timestamp(GraphTimestamp(1))
        case .timestampSeconds: .timestamp(GraphTimestamp(1, .seconds))
        case .timestampMilliseconds: .timestamp(GraphTimestamp(1, .milliseconds))
        case .timestampNanoseconds: .timestamp(GraphTimestamp(1, .nanoseconds))
        case .timestampTimeZone: .timestamp(GraphTimestamp(1, .microsecondsWithTimeZone))
        case .interval: .interval(GraphInterval(days: 1))
        }
    }
}
