/// What a graph consists of besides its rows, as both engines understand it.
package struct GraphSchema: Sendable, Equatable, Codable {
    package var nodes: [NodeTable] = []
    package var relationships: [RelationshipTable] = []
    package var sequences: [Sequence] = []
    package var macros: [String] = []

    /// A property of a table.
    package struct Property: Sendable, Equatable, Codable {
        package var name: String
        package var type: ValueType
        /// The expression that gives a new row its value; nil for NULL.
        package var defaultValue: String?
        /// For a SERIAL property, the last number that was given; nil where none was.
        package var lastNumber: Int64?

        private enum CodingKeys: String, CodingKey {
            case name, type, defaultValue = "default", lastNumber
        }
    }

    /// A table of nodes.
    package struct NodeTable: Sendable, Equatable, Codable {
        package var name: String
        /// The property that tells its nodes apart.
        package var key: String
        package var properties: [Property]
        package var comment: String?
    }

    /// A table of relationships.
    package struct RelationshipTable: Sendable, Equatable, Codable {
        package var name: String
        package var multiplicity: Multiplicity
        package var connections: [Connection]
        package var properties: [Property]
        package var comment: String?
    }

    /// The tables between which relationships may be.
    package struct Connection: Sendable, Equatable, Codable {
        package var from: String
        package var to: String
    }

    /// How many relationships a node may have: at its end of `from` many or one, at that of `to` many or one.
    package enum Multiplicity: String, Sendable, Codable {
        case manyToMany = "MANY_MANY"
        case manyToOne = "MANY_ONE"
        case oneToMany = "ONE_MANY"
        case oneToOne = "ONE_ONE"
    }

    /// A sequence that the user has made. Those of SERIAL properties are at the property.
    package struct Sequence: Sendable, Equatable, Codable {
        package var name: String
        package var start: Int64
        package var increment: Int64
        package var minimum: Int64
        package var maximum: Int64
        package var isCyclic: Bool
        /// The last value that it gave; nil where it gave none.
        package var lastValue: Int64?
    }
}

extension GraphSchema {
    func nodeTable(_ name: String) -> NodeTable? { nodes.first { $0.name == name } }
}

extension GraphSchema.NodeTable {
    /// The key's type; every table has one.
    var keyType: ValueType { properties.first { $0.name == key }?.type ?? .scalar(.int64) }
}
