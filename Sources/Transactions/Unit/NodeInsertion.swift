import GraphClient

/// The statement that inserts a node: the same text for all nodes of a shape.
struct NodeInsertion {
    let text: String
    let parameters: GraphParameters

    /// - Throws: ``TransactionError`` for names that can't be written in a statement.
    init(_ label: String, _ properties: GraphParameters) throws {
        // Names of properties may be words of the language, which parameters must not be.
        let entries = properties.entries.enumerated().map {
            (name: $0.element.name, field: GraphField("p\($0.offset)", $0.element.value))
        }
        let fields = try entries.map { "\(try Self.quoted($0.name)): $\($0.field.name)" }
        text = "CREATE (:\(try Self.quoted(label)) {\(fields.joined(separator: ", "))})"
        parameters = GraphParameters(entries.map(\.field))
        guard !entries.isEmpty else {
            throw TransactionError(
                .misuse, "a node of \(label) was inserted without any property",
                remedy: "Give at least its primary key.")
        }
    }

    private static func quoted(_ name: String) throws -> String {
        guard !name.isEmpty, !name.contains("`") else {
            throw TransactionError(
                .misuse, "\"\(name)\" is no name of a table or a property", remedy: "Use names without backticks.")
        }
        return "`\(name)`"
    }
}
