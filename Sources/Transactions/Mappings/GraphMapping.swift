/// What a row is in the graph.
public enum GraphMapping: Sendable, Hashable {
    /// A node.
    case node(NodeMapping)
    /// A relationship between two nodes, as the row of a table that joins two others is.
    case relationship(RelationshipMapping)
}

/// A node that stands for a row.
public struct NodeMapping: Sendable, Hashable {
    /// The node table's name.
    public var label: String
    /// The properties that say which row it is. Empty for those called like the mapping's key columns.
    public var key: ColumnMap
    /// Further properties.
    public var properties: ColumnMap

    /// A node that stands for a row; each parameter is explained at its property.
    public init(label: String, key: ColumnMap = [], properties: ColumnMap = []) {
        self.label = label
        self.key = key
        self.properties = properties
    }
}

/// A relationship that stands for a row.
public struct RelationshipMapping: Sendable, Hashable {
    /// One of its ends.
    public struct End: Sendable, Hashable {
        /// The node table's name.
        public var label: String
        /// The node's properties that the row's columns name.
        public var key: ColumnMap

        /// An end of a relationship.
        public init(label: String, key: ColumnMap) {
            self.label = label
            self.key = key
        }
    }

    /// The relationship table's name.
    public var type: String
    /// Where it begins.
    public var from: End
    /// Where it ends.
    public var to: End
    /// The relationship's properties.
    public var properties: ColumnMap

    /// A relationship that stands for a row; each parameter is explained at its property.
    public init(type: String, from: End, to: End, properties: ColumnMap = []) {
        self.type = type
        self.from = from
        self.to = to
        self.properties = properties
    }
}

extension NodeMapping: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case label, key, properties }

    /// From an object: `{"label": "User", "properties": ["name"]}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        label = try container.decode(String.self, forKey: .label)
        key = try container.decodeIfPresent(ColumnMap.self, forKey: .key) ?? []
        properties = try container.decodeIfPresent(ColumnMap.self, forKey: .properties) ?? []
    }
}

extension RelationshipMapping: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case type, from, to, properties }

    /// From an object: `{"type": "Follows", "from": {"label": "User", "key": {"id": "follower"}}, "to": …}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        type = try container.decode(String.self, forKey: .type)
        from = try container.decode(End.self, forKey: .from)
        to = try container.decode(End.self, forKey: .to)
        properties = try container.decodeIfPresent(ColumnMap.self, forKey: .properties) ?? []
    }
}

extension RelationshipMapping.End: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case label, key }

    /// From an object: `{"label": "User", "key": {"id": "follower"}}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        label = try container.decode(String.self, forKey: .label)
        key = try container.decode(ColumnMap.self, forKey: .key)
        if key.isEmpty {
            throw MappingError(
                decoder.place, "the end has no key", remedy: "Name the node's key property and its column.")
        }
    }
}
