/// What a table's rows are in the other stores: a node or a relationship of the graph, a key of Redis, or both.
///
/// ```swift
/// StoreMapping(
///     table: "users", graph: .node(NodeMapping(label: "User", properties: ["name"])),
///     cache: CacheMapping(key: "user:{id}", value: .json(["id", "name"])))
/// ```
public struct StoreMapping: Sendable {
    /// What it is called in reports and in the names of Trivet's triggers; the table's name by default. Each mapping
    /// has another one.
    public var name: String
    /// The table.
    public var table: String
    /// The columns that tell its rows apart; empty for the primary key.
    public var key: [String]
    /// What a row is in the graph; nil for nothing.
    public var graph: GraphMapping?
    /// What a row is in Redis; nil for nothing.
    public var cache: CacheMapping?

    /// What a table's rows are elsewhere; each parameter is explained at its property.
    public init(
        name: String? = nil, table: String, key: [String] = [], graph: GraphMapping? = nil, cache: CacheMapping? = nil
    ) {
        self.name = name ?? table
        self.table = table
        self.key = key
        self.graph = graph
        self.cache = cache
    }
}

extension StoreMapping: Codable {
    private enum Keys: String, CodingKey, CaseIterable { case name, table, key, node, relationship, cache }

    /// From an object: `{"table": "users", "node": …, "cache": …}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(Keys.self)
        table = try container.decode(String.self, forKey: .table)
        name = try container.decodeIfPresent(String.self, forKey: .name) ?? table
        key = try container.decodeIfPresent([String].self, forKey: .key) ?? []
        cache = try container.decodeIfPresent(CacheMapping.self, forKey: .cache)
        let node = try container.decodeIfPresent(NodeMapping.self, forKey: .node)
        let relationship = try container.decodeIfPresent(RelationshipMapping.self, forKey: .relationship)
        if node != nil, relationship != nil {
            throw MappingError(
                decoder.place, "a row can't be a node and a relationship",
                remedy: "Write two mappings with different names.")
        }
        graph = node.map { .node($0) } ?? relationship.map { .relationship($0) }
    }

    /// As an object.
    ///
    /// - Throws: `EncodingError` for a value that a closure makes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        if name != table { try container.encode(name, forKey: .name) }
        try container.encode(table, forKey: .table)
        if !key.isEmpty { try container.encode(key, forKey: .key) }
        switch graph {
        case .node(let node): try container.encode(node, forKey: .node)
        case .relationship(let relationship): try container.encode(relationship, forKey: .relationship)
        case nil: break
        }
        try container.encodeIfPresent(cache, forKey: .cache)
    }
}
