import GraphClient

/// A write to the graph whose result its unit does not need. It may wait, and be sent together with others of its shape: the same kind,
/// tables and names of properties.
struct PutOffWrite: Sendable {
    /// The statement for this one, which is also done again after a crash.
    let redo: GraphRedo
    /// The statement for many of this shape; nil where there is none.
    let batch: GraphBatch?
    /// Nodes that must be there, by their primary keys.
    let needed: [GraphNodeKey]
    /// How it touches nodes, and which: what others must not overtake.
    let touch: NodeTouch.Kind
    let nodes: [GraphNodeKey]

    /// Inserts a node.
    ///
    /// - Throws: ``TransactionError`` for names that can't be written in a statement.
    static func insert(_ label: String, _ properties: GraphParameters) throws -> PutOffWrite {
        guard !properties.entries.isEmpty else {
            throw TransactionError(
                .misuse, "a node of \(label) was inserted without any property",
                remedy: "Give at least its primary key.")
        }
        let fields = PutOffFields(properties)
        let text = try "CREATE (:" + quoted(label) + " " + fields.map { "$" + $0 } + ")"
        return PutOffWrite(
            redo: GraphRedo(text, fields.parameters), batch: .derived, needed: [],
            // Nobody says here which property is the key.
            touch: .create, nodes: properties.entries.map { GraphNodeKey(label, $0.name, $0.value) })
    }

    /// Connects two nodes.
    static func connect(
        _ source: GraphNodeKey, _ relationship: String, _ target: GraphNodeKey, _ properties: GraphParameters
    ) throws -> PutOffWrite {
        let fields = PutOffFields(properties)
        func text(_ prefix: String, keys: (String, String), carrying rest: String, _ parameter: (String) -> String)
            throws
            -> String
        {
            // Two clauses: with both nodes in one the engine looks through all pairs.
            """
            \(prefix)MATCH \(try node("a", source, keys.0)) WITH a\(rest) MATCH \(try node("b", target, keys.1)) \
            CREATE (a)-[:\(try quoted(relationship))\(try fields.map(parameter))]->(b) RETURN count(*)
            """
        }
        let (row, first, second) = (GraphBatch.row, "trivet_source", "trivet_target")
        // Keys by plain names: for a field the engine goes through the whole table.
        let keys = "WITH \(row), \(GraphBatch.field("source")) AS \(first), \(GraphBatch.field("target")) AS \(second) "
        return PutOffWrite(
            redo: GraphRedo(
                try text("", keys: ("$source", "$target"), carrying: "") { "$\($0)" },
                fields.parameters(before: [("source", source.value), ("target", target.value)]),
                digest: ResultDigest(number: 1)),
            batch: .text(
                try text(
                    GraphBatch.prefix + keys, keys: (first, second), carrying: ", \(row), \(second)", GraphBatch.field)),
            needed: [source, target], touch: .use, nodes: [source, target])
    }

    /// Sets properties of a node.
    static func set(_ key: GraphNodeKey, _ properties: GraphParameters) throws -> PutOffWrite {
        guard !properties.entries.isEmpty else {
            throw TransactionError(
                .misuse, "no property of \(key) was set", remedy: "Name at least one property.")
        }
        guard !properties.entries.contains(where: { $0.name.lowercased() == key.property.lowercased() }) else {
            throw TransactionError(
                .misuse, "the primary key of \(key) was to be changed",
                remedy: "Insert another node with the new key, and delete this one.")
        }
        let fields = PutOffFields(properties)
        func text(_ prefix: String, key value: String, _ parameter: (String) -> String) throws -> String {
            "\(prefix)MATCH \(try node("n", key, value)) SET \(try fields.assignments(to: "n", parameter)) RETURN count(*)"
        }
        let plainKey = "trivet_key"
        let keys = "WITH \(GraphBatch.row), \(GraphBatch.field("key")) AS \(plainKey) "
        return PutOffWrite(
            redo: GraphRedo(
                try text("", key: "$key") { "$\($0)" }, fields.parameters(before: [("key", key.value)]),
                digest: ResultDigest(number: 1)),
            batch: .text(try text(GraphBatch.prefix + keys, key: plainKey, GraphBatch.field)), needed: [key],
            touch: .set, nodes: [key])
    }

    private static func node(_ variable: String, _ key: GraphNodeKey, _ value: String) throws -> String {
        "(\(variable):\(try quoted(key.label)) {\(try quoted(key.property)): \(value)})"
    }

    static func quoted(_ name: String) throws -> String {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "`")) else {
            throw TransactionError(
                .misuse, "\"\(name)\" is no name of a table or a property", remedy: "Use names without backticks.")
        }
        return "`" + name + "`"
    }
}

/// Properties, each with a parameter of its own: their names may be words of the language, which parameters' names must not be.
private struct PutOffFields {
    private let entries: [(name: String, field: GraphField)]
    /// The names that nearly all properties have.
    private static let names = (0..<16).map { "p\($0)" }

    init(_ properties: GraphParameters) {
        entries = properties.entries.enumerated().map { index, property in
            let name = index < Self.names.count ? Self.names[index] : "p\(index)"
            return (property.name, GraphField(name, property.value))
        }
    }

    var parameters: GraphParameters { parameters(before: []) }

    func parameters(before first: [(String, GraphValue)]) -> GraphParameters {
        GraphParameters(first.map { GraphField($0.0, $0.1) } + entries.map(\.field))
    }

    /// The properties as a pattern has them; empty without any.
    func map(_ parameter: (String) -> String) throws -> String {
        guard !entries.isEmpty else { return "" }
        var text = ""
        for entry in entries {
            text += text.isEmpty ? "{" : ", "
            text += try PutOffWrite.quoted(entry.name)
            text += ": "
            text += parameter(entry.field.name)
        }
        return text + "}"
    }

    func assignments(to variable: String, _ parameter: (String) -> String) throws -> String {
        try entries.map { "\(variable).\(try PutOffWrite.quoted($0.name)) = \(parameter($0.field.name))" }
            .joined(separator: ", ")
    }
}
