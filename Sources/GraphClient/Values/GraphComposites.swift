/// A named value: a field of a STRUCT, or a property of a node or relationship.
public struct GraphField: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: GraphValue

    /// A named value.
    @inlinable public init(_ name: String, _ value: GraphValue) {
        self.name = name
        self.value = value
    }
}

/// Named values in the engine's order.
public struct GraphFields: Sendable, Hashable, Codable, RandomAccessCollection {
    private var fields: [GraphField]

    /// Values in the order that the engine shall see.
    public init(_ fields: [GraphField] = []) { self.fields = fields }

    /// 0
    public var startIndex: Int { fields.startIndex }
    /// The number of fields.
    public var endIndex: Int { fields.endIndex }
    /// The field at `position`.
    public subscript(position: Int) -> GraphField { fields[position] }

    /// The value of the field called `name`, or nil when there is none.
    public subscript(name: String) -> GraphValue? { fields.first { $0.name == name }?.value }
}

/// An entry of a MAP, whose keys may have any type.
public struct GraphMapEntry: Sendable, Hashable, Codable {
    /// Of any type, the same in the whole map.
    public var key: GraphValue
    /// Of any type, the same in the whole map.
    public var value: GraphValue

    /// An entry.
    public init(key: GraphValue, value: GraphValue) {
        self.key = key
        self.value = value
    }
}

/// The engine's own identifier of a node or relationship: a table and a place in it, which later writes may reuse.
public struct GraphInternalID: Sendable, Hashable, Codable {
    /// The table's number.
    public var table: UInt64
    /// The place in the table.
    public var offset: UInt64

    /// An identifier that the engine gave before.
    public init(table: UInt64, offset: UInt64) {
        self.table = table
        self.offset = offset
    }
}

/// A node with all its properties.
public struct GraphNode: Sendable, Hashable, Codable {
    /// Where it is, for now.
    public var id: GraphInternalID
    /// The name of its table.
    public var label: String
    /// In the order of the table.
    public var properties: GraphFields
}

/// A relationship with all its properties.
public struct GraphRelationship: Sendable, Hashable, Codable {
    /// Where it is, for now.
    public var id: GraphInternalID
    /// The name of its table.
    public var label: String
    /// The node that it leaves.
    public var source: GraphInternalID
    /// The node that it enters.
    public var destination: GraphInternalID
    /// In the order of the table.
    public var properties: GraphFields
}

/// The nodes between the ends of a variable-length pattern, and its relationships in order.
public struct GraphPath: Sendable, Hashable, Codable {
    /// Those between the two ends.
    public var nodes: [GraphNode]
    /// From the one end to the other.
    public var relationships: [GraphRelationship]
}
