import Foundation
import GraphClient

/// Finds out by trial what the engines don't tell: how many relationships a node may have, and in Kùzu the sign of a default, which is lost
/// when it describes the table.
///
/// Each trial is a transaction that is rolled back, so nothing of it is ever in the file.
struct SchemaProbe {
    let connection: GraphConnection
    let engine: GraphEngine

    func complete(_ schema: inout GraphSchema) throws {
        for index in schema.relationships.indices {
            schema.relationships[index].multiplicity = try multiplicity(of: schema.relationships[index], schema)
        }
        guard engine.kind == .kuzu else { return }
        for table in schema.nodes.indices {
            for index in schema.nodes[table].properties.indices {
                guard let text = number(schema.nodes[table].properties[index]) else { continue }
                let property = schema.nodes[table].properties[index].name
                if try isNegative(property, of: schema.nodes[table]) {
                    schema.nodes[table].properties[index].defaultValue = "-" + text
                }
            }
        }
        for table in schema.relationships.indices {
            for index in schema.relationships[table].properties.indices {
                guard let text = number(schema.relationships[table].properties[index]) else { continue }
                let property = schema.relationships[table].properties[index].name
                if try isNegative(property, of: schema.relationships[table], schema) {
                    schema.relationships[table].properties[index].defaultValue = "-" + text
                }
            }
        }
    }

    /// The property's default, where it is a number without a sign.
    private func number(_ property: GraphSchema.Property) -> String? {
        guard let text = property.defaultValue, text.first?.isNumber == true, Double(text) != nil else { return nil }
        return text
    }

    // MARK: - Trials

    private func multiplicity(
        of table: GraphSchema.RelationshipTable, _ schema: GraphSchema
    ) throws -> GraphSchema.Multiplicity {
        let nodes = try ends(of: table, schema)
        let name = Cypher.name(table.name)
        let isOneOut = try isRefused("\(nodes.pattern), (a)-[:\(name)]->(c), (a)-[:\(name)]->(d)", nodes.keys)
        let isOneIn = try isRefused("\(nodes.pattern), (a)-[:\(name)]->(c), (b)-[:\(name)]->(c)", nodes.keys)
        switch (isOneIn, isOneOut) {
        case (false, false): return .manyToMany
        case (false, true): return .manyToOne
        case (true, false): return .oneToMany
        case (true, true): return .oneToOne
        }
    }

    private func isRefused(_ pattern: String, _ keys: GraphParameters) throws -> Bool {
        do {
            _ = try trial("CREATE \(pattern)", keys)
            return false
        } catch GraphError.statementFailed(_, let message) where message.contains("multiplicity constraint") {
            return true
        }
    }

    private func isNegative(_ property: String, of table: GraphSchema.NodeTable) throws -> Bool {
        guard property != table.key else {
            throw TransferError(
                .unsupported,
                "The key \(table.name).\(property) has a number as its default, and Kùzu doesn't tell that number's sign.",
                remedy: "Take the default away: a table's nodes can't all have it.")
        }
        let keys = try unusedKeys(of: table, count: 1)
        let found = try trial(
            "CREATE (a:\(Cypher.name(table.name)) {\(Cypher.name(table.key)): $a}) RETURN a.\(Cypher.name(property))",
            ["a": keys[0]])
        return found.isNegative
    }

    private func isNegative(
        _ property: String, of table: GraphSchema.RelationshipTable, _ schema: GraphSchema
    ) throws -> Bool {
        let nodes = try ends(of: table, schema)
        let found = try trial(
            "CREATE \(nodes.pattern), (a)-[l:\(Cypher.name(table.name))]->(c) RETURN l.\(Cypher.name(property))",
            nodes.keys)
        return found.isNegative
    }

    /// Two new nodes, a and b, at the one end of a table and two, c and d, at the other.
    private func ends(
        of table: GraphSchema.RelationshipTable, _ schema: GraphSchema
    ) throws -> (pattern: String, keys: GraphParameters) {
        guard let connection = table.connections.first, let from = schema.nodeTable(connection.from),
            let to = schema.nodeTable(connection.to)
        else {
            throw TransferError(
                .unsupported, "The table \(table.name) connects nothing that is there.", remedy: "Drop it.")
        }
        // Four, since both ends may be of one table.
        let keys = try (unusedKeys(of: from, count: 2), unusedKeys(of: to, count: 4))
        func node(_ variable: String, _ table: GraphSchema.NodeTable) -> String {
            "(\(variable):\(Cypher.name(table.name)) {\(Cypher.name(table.key)): $\(variable)})"
        }
        return (
            "\(node("a", from)), \(node("b", from)), \(node("c", to)), \(node("d", to))",
            ["a": keys.0[0], "b": keys.0[1], "c": keys.1[2], "d": keys.1[3]]
        )
    }

    /// Runs a statement and takes back what it did.
    /// - Returns: the first value of its first row; NULL where it has none.
    private func trial(_ cypher: String, _ parameters: GraphParameters) throws -> GraphValue {
        try connection.beginTransaction(.readWrite)
        defer { connection.rollbackTransaction(cause: "it was a trial") }
        return try connection.query(cypher, parameters).first?[0] ?? .null
    }

    // MARK: - Keys

    private func unusedKeys(of table: GraphSchema.NodeTable, count: Int) throws -> [GraphValue] {
        var keys: [GraphValue] = []
        let taken = "MATCH (n:\(Cypher.name(table.name)) {\(Cypher.name(table.key)): $key}) RETURN count(*)"
        for index in 0..<256 where keys.count < count {
            let key = try candidate(index, for: table)
            if try connection.query(taken, ["key": key]).scalar(Int.self) == 0 { keys.append(key) }
        }
        guard keys.count == count else {
            throw TransferError(
                .unsupported,
                "The table \(table.name) has no keys left with which its relationships could be tried.",
                remedy: "Give its key \(table.key) a larger type.")
        }
        return keys
    }

    /// Keys that are rarely in use, always the same ones for the same table.
    private func candidate(_ index: Int, for table: GraphSchema.NodeTable) throws -> GraphValue {
        let far = Int64(4_000_000_000_000_000) - Int64(index)
        switch table.keyType {
        case .scalar(.int8): return .int8(Int8(clamping: 127 - index))
        case .scalar(.int16): return .int16(.max - Int16(index))
        case .scalar(.int32): return .int32(.max - Int32(index))
        case .scalar(.int64), .scalar(.serial): return .int64(.max - 1 - Int64(index))
        case .scalar(.int128): return .int128(.max - 1 - Int128(index))
        case .scalar(.uint8): return .uint8(.max - UInt8(index))
        case .scalar(.uint16): return .uint16(.max - UInt16(index))
        case .scalar(.uint32): return .uint32(.max - UInt32(index))
        case .scalar(.uint64): return .uint64(.max - UInt64(index))
        case .scalar(.float): return .float(1e30 * Float(index + 1))
        case .scalar(.double): return .double(1e300 * Double(index + 1))
        case .scalar(.string): return .string("trivet \(index) \(UUID())")
        case .scalar(.blob): return .blob(Array("trivet \(index) \(UUID())".utf8))
        case .scalar(.uuid): return .uuid(UUID())
        case .scalar(.date): return .date(GraphDate(daysSince1970: 1_000_000 - Int32(index)))
        case .scalar(.timestamp): return .timestamp(GraphTimestamp(far))
        case .scalar(.timestampSeconds): return .timestamp(GraphTimestamp(far / 1_000_000 - Int64(index), .seconds))
        case .scalar(.timestampMilliseconds):
            return .timestamp(GraphTimestamp(far / 1_000 - Int64(index), .milliseconds))
        case .scalar(.timestampNanoseconds): return .timestamp(GraphTimestamp(far, .nanoseconds))
        case .scalar(.timestampTimeZone): return .timestamp(GraphTimestamp(far, .microsecondsWithTimeZone))
        case .decimal(_, let scale): return .decimal(GraphDecimal(unscaled: Int128(index + 1), scale: scale))
        case let type:
            throw TransferError(
                .unsupported, "The key \(table.name).\(table.key) has the type \(type), which can't be a key.",
                remedy: "Give it another type.")
        }
    }
}

extension GraphValue {
    fileprivate var isNegative: Bool {
        switch self {
        case .int8(let value): value < 0
        case .int16(let value): value < 0
        case .int32(let value): value < 0
        case .int64(let value): value < 0
        case .int128(let value): value < 0
        case .float(let value): value.sign == .minus
        case .double(let value): value.sign == .minus
        case .decimal(let value): value.unscaled < 0
        default: false
        }
    }
}
