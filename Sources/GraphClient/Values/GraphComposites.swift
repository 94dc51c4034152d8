/// A named value: a field of a STRUCT, or a property of a node or relationship.
public struct GraphField: Sendable, Hashable {
    public var name: String
    public var value: GraphValue

    public init(_ name: String, _ value: GraphValue) {
        self.name = name
        self.value = value
    }
}

/// Named values in the engine's order.
public struct GraphFields: Sendable, Hashable, RandomAccessCollection {
    private var fields: [GraphField]

    public init(_ fields: [GraphField] = []) { self.fields = fields }

    public var startIndex: Int { fields.startIndex }
    public var endIndex: Int { fields.endIndex }
    public subscript(position: Int) -> GraphField { fields[position] }

    /// The value of the field called `name`, or nil when there is none.
    public subscript(name: String) -> GraphValue? { fields.first { $0.name == name }?.value }
}

/// An entry of a MAP, whose keys may have any type.
public struct GraphMapEntry: Sendable, Hashable {
    public var key: GraphValue
    public var value: GraphValue

    public init(key: GraphValue, value: GraphValue) {
        self.key = key
        self.value = value
    }
}

/// The engine's own identifier of a node or relationship: a table and a place in it, which later writes may reuse.
public struct GraphInternalID: Sendable, Hashable {
    public var table: UInt64
    public var offset: UInt64

    public init(table: UInt64, offset: UInt64) {
        self.table = table
        self.offset = offset
    }
}

/// A node with all its properties.
public struct GraphNode: Sendable, Hashable {
    public var id: GraphInternalID
    public var label: String
    public var properties: GraphFields
}

/// A relationship with all its properties.
public struct GraphRelationship: Sendable, Hashable {
    public var id: GraphInternalID
    public var label: String
    public var source: GraphInternalID
    public var destination: GraphInternalID
    public var properties: GraphFields
}

/// The nodes between the ends of a variable-length pattern, and its relationships in order.
public struct GraphPath: Sendable, Hashable {
    public var nodes: [GraphNode]
    public var relationships: [GraphRelationship]
}
