import GraphClient

/// The rows that one file holds: a table of nodes, or the relationships of a table between two tables of nodes.
enum TablePart: Sendable {
    case nodes(GraphSchema.NodeTable)
    case relationships(GraphSchema.RelationshipTable, from: GraphSchema.NodeTable, to: GraphSchema.NodeTable)

    /// All of a schema, in the order in which they can be made.
    static func all(of schema: GraphSchema) -> [TablePart] {
        schema.nodes.map(TablePart.nodes)
            + schema.relationships.flatMap { table in
                table.connections.compactMap { connection in
                    guard let from = schema.nodeTable(connection.from), let to = schema.nodeTable(connection.to) else {
                        return nil
                    }
                    return .relationships(table, from: from, to: to)
                }
            }
    }

    /// For people.
    var title: String {
        switch self {
        case .nodes(let table): table.name
        case .relationships(let table, let from, let to): "\(table.name) (\(from.name) → \(to.name))"
        }
    }

    var properties: [GraphSchema.Property] {
        switch self {
        case .nodes(let table): table.properties
        case .relationships(let table, _, _): table.properties
        }
    }

    /// The types of a row's values: a relationship's begins with the keys of its two nodes.
    var types: [ValueType] {
        switch self {
        case .nodes(let table): table.properties.map(\.type)
        case .relationships(let table, let from, let to):
            [from.keyType, to.keyType] + table.properties.map(\.type)
        }
    }

    /// The same for people.
    var columns: [String] {
        switch self {
        case .nodes(let table): table.properties.map(\.name)
        case .relationships(_, let from, let to):
            ["\(from.name).\(from.key)", "\(to.name).\(to.key)"] + properties.map(\.name)
        }
    }
}
