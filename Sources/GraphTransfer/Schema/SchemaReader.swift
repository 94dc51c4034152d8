import Foundation
import GraphClient

/// Reads a graph's schema, and refuses what can't be carried before anything is written.
struct SchemaReader {
    let connection: GraphConnection
    let engine: GraphEngine
    /// A folder in which the engine may write its own description of the schema.
    let scratch: String

    /// The schema, and what of the graph is not in it, in words for people.
    func read() throws -> (schema: GraphSchema, remarks: [String]) {
        var schema = GraphSchema()
        var remarks = try leftOut()
        var sequences = try readSequences()
        for table in try tables() {
            try check(table.name, "table")
            switch table.kind {
            case "NODE": schema.nodes.append(try nodeTable(table, &sequences, &remarks))
            case "REL": schema.relationships.append(try relationshipTable(table, &sequences, &remarks))
            default:
                throw unsupported(
                    "\(table.name) is a \(table.kind) table, which is neither of nodes nor of relationships.",
                    "Drop it, and export again.")
            }
        }
        schema.sequences = sequences.sorted { $0.name < $1.name }
        for sequence in schema.sequences { try check(sequence.name, "sequence") }
        schema.macros = try readMacros(schema, &remarks).map { PortableExpression($0, of: engine.kind).text }.sorted()
        schema.nodes.sort { $0.name < $1.name }
        schema.relationships.sort { $0.name < $1.name }
        try SchemaProbe(connection: connection, engine: engine).complete(&schema)
        return (schema, remarks)
    }

    private struct Table {
        var name: String
        var kind: String
        var comment: String?
    }

    private func tables() throws -> [Table] {
        // What is attached is no part of this database.
        let attached = try connection.query("CALL show_attached_databases() RETURN name").map { try text($0[0]) + "(" }
        return try connection.query("CALL show_tables() RETURN name, type, comment, `database name`").compactMap {
            row in
            let owner = try text(row[3])
            guard !attached.contains(where: owner.hasPrefix) else { return nil }
            let comment = try text(row[2])
            return Table(name: try text(row[0]), kind: try text(row[1]), comment: comment.isEmpty ? nil : comment)
        }
    }

    private func nodeTable(
        _ table: Table, _ sequences: inout [GraphSchema.Sequence], _ remarks: inout [String]
    ) throws -> GraphSchema.NodeTable {
        let columns = try columns(of: table.name)
        guard let key = try columns.first(where: { $0["primary key"] == .bool(true) }).map({ try text($0["name"]) })
        else {
            throw unsupported(
                "The table \(table.name) has no primary key, so its nodes can't be told apart.", "Give it one.")
        }
        return GraphSchema.NodeTable(
            name: table.name, key: key, properties: try properties(of: table.name, columns, &sequences, &remarks),
            comment: table.comment)
    }

    private func relationshipTable(
        _ table: Table, _ sequences: inout [GraphSchema.Sequence], _ remarks: inout [String]
    ) throws -> GraphSchema.RelationshipTable {
        let connections = try connection.query("CALL show_connection(\(Cypher.literal(table.name))) RETURN *").map {
            GraphSchema.Connection(from: try text($0[0]), to: try text($0[1]))
        }
        return GraphSchema.RelationshipTable(
            name: table.name, multiplicity: .manyToMany,
            connections: connections.sorted { ($0.from, $0.to) < ($1.from, $1.to) },
            properties: try properties(of: table.name, columns(of: table.name), &sequences, &remarks),
            comment: table.comment)
    }

    // MARK: - Properties

    private func columns(of table: String) throws -> GraphResult {
        try connection.query("CALL table_info(\(Cypher.literal(table))) RETURN *")
    }

    private func properties(
        of table: String, _ columns: GraphResult, _ sequences: inout [GraphSchema.Sequence], _ remarks: inout [String]
    ) throws -> [GraphSchema.Property] {
        try columns.map { column in
            let name = try text(column["name"])
            try check(name, "property of \(table)")
            let typeText = try text(column["type"])
            guard let type = ValueType(typeText) else {
                throw unsupported(
                    "The property \(table).\(name) has the type \(typeText), which can't be exported.",
                    "Give it another type (a new property, SET to cast(old AS …)), or drop it.")
            }
            try check(type, of: "\(table).\(name)")
            var property = GraphSchema.Property(name: name, type: type)
            let expression = try text(column["default expression"])
            if type == .scalar(.serial) {
                property.lastNumber = try takeNumber(of: table, name, &sequences, &remarks)
            } else if !expression.isEmpty, expression.uppercased() != "NULL" {
                property.defaultValue = PortableExpression(expression, of: engine.kind).text
            }
            return property
        }
    }

    /// Which alternative of a UNION is in use is told by its name only where the UNION is the property itself, and set by it only if
    /// the name needs no quotes; elsewhere the value's type has to tell.
    private func check(_ type: ValueType, of property: String) throws {
        guard case .union(let alternatives) = type,
            alternatives.allSatisfy({ Cypher.fieldName($0.name) == $0.name })
        else { return try checkInner(type, of: property) }
        for alternative in alternatives { try checkInner(alternative.type, of: property) }
    }

    private func checkInner(_ type: ValueType, of property: String) throws {
        if case .union(let alternatives) = type, Set(alternatives.map(\.type.valueKind)).count < alternatives.count {
            throw unsupported(
                """
                The property \(property) holds \(type), and two of its alternatives have values of the same kind, so which one is in \
                use can't be told.
                """,
                "Give the alternatives types of different kinds, or the property the UNION itself, with names that need no quotes."
            )
        }
        for part in type.parts { try checkInner(part, of: property) }
    }

    // MARK: - Sequences

    private func readSequences() throws -> [GraphSchema.Sequence] {
        try connection.query("CALL show_sequences() RETURN *").map { row in
            let name = try text(row["name"])
            return GraphSchema.Sequence(
                name: name, start: try number(row["start value"]), increment: try number(row["increment"]),
                minimum: try number(row["min value"]), maximum: try number(row["max value"]),
                isCyclic: row["cycle"] == .bool(true), lastValue: try lastValue(of: name))
        }
    }

    private func lastValue(of sequence: String) throws -> Int64? {
        do {
            return try connection.query("RETURN currval(\(Cypher.literal(sequence)))").scalar(Int64.self)
        } catch GraphError.statementFailed(_, let message) where message.contains("call nextval first") {
            return nil
        }
    }

    /// The counter of a SERIAL property is a sequence of its name; but a table or property that was renamed has left its own behind.
    private func takeNumber(
        of table: String, _ property: String, _ sequences: inout [GraphSchema.Sequence], _ remarks: inout [String]
    ) throws -> Int64? {
        if let index = sequences.firstIndex(where: { $0.name == Self.counter(of: property, in: table) }) {
            return sequences.remove(at: index).lastValue
        }
        throw unsupported(
            """
            The counter of the SERIAL property \(table).\(property) is not called \(Self.counter(of: property, in: table)): the table or \
            the property was renamed, and the engine doesn't tell which counter is whose.
            """,
            "Rename it back (ALTER TABLE … RENAME), export, and rename it again in the graph that was imported.")
    }

    static func counter(of property: String, in table: String) -> String { "\(table)_\(property)_serial" }

    // MARK: - Macros, and what is left out

    private func readMacros(_ schema: GraphSchema, _ remarks: inout [String]) throws -> [String] {
        if engine.kind == .ladybug {
            return try connection.query("CALL show_macros() RETURN definition").map { try Self.trimmed(text($0[0])) }
        }
        // Kùzu tells them only in the description of the schema that it exports, for which it writes the names of keys without quotes.
        if let table = schema.nodes.first(where: { Cypher.fieldName($0.key) != $0.key }), !schema.relationships.isEmpty
        {
            remarks.append(
                """
                Whether there are macros can't be told, since Kùzu can't describe a schema with a key called \(table.key) (of \(table.name)); \
                make them anew after the import.
                """)
            return []
        }
        let folder = scratch + "/schema"
        try connection.execute("EXPORT DATABASE \(Cypher.literal(folder)) (schema_only=true)")
        let description = try String(contentsOfFile: folder + "/schema.cypher", encoding: .utf8)
        try FileManager.default.removeItem(atPath: folder)
        guard let start = description.firstRange(of: Self.macroStart) else { return [] }
        return description[start.upperBound...].split(separator: "\n" + Self.macroStart).map {
            Self.trimmed(Self.macroStart + $0)
        }
    }

    private static let macroStart = "CREATE MACRO `"

    private static func trimmed(_ statement: some StringProtocol) -> String {
        statement.trimmingCharacters(in: CharacterSet(charactersIn: ";").union(.whitespacesAndNewlines))
    }

    /// Indexes other than those of primary keys belong to extensions, which the other engine doesn't share.
    private func leftOut() throws -> [String] {
        try connection.query("CALL show_indexes() RETURN *").compactMap { row in
            let (table, name) = (try text(row["table_name"]), try text(row["index_name"]))
            guard name != "_PK" else { return nil }
            let definition = try text(row["index_definition"])
            return """
                The index \(name) of \(table) (\(try text(row["index_type"]))) is not exported; make it anew after the import\
                \(definition.isEmpty ? "." : ": \(definition)")
                """
        }
    }

    // MARK: - Small things

    private func check(_ name: String, _ what: String) throws {
        guard name.contains("`") else { return }
        throw unsupported(
            "The \(what) \(name) has a backtick in its name, which the engines write differently.",
            "Rename it, and export again.")
    }

    private func unsupported(_ reason: String, _ remedy: String) -> TransferError {
        TransferError(.unsupported, reason, remedy: remedy)
    }

    private func text(_ value: GraphValue?) throws -> String {
        switch value {
        case .string(let text)?: return text
        case .null?: return ""
        default: throw GraphError.unexpectedResult("The engine describes its schema by something else than a text.")
        }
    }

    private func number(_ value: GraphValue?) throws -> Int64 {
        guard case .int64(let number)? = value else {
            throw GraphError.unexpectedResult("The engine describes a sequence by something else than a number.")
        }
        return number
    }
}

extension ValueType {
    /// The types of what a value of this type holds.
    var parts: [ValueType] {
        switch self {
        case .list(let element), .array(let element, _): [element]
        case .structure(let fields), .union(let fields): fields.map(\.type)
        case .map(let key, let value): [key, value]
        case .scalar, .decimal: []
        }
    }

    /// What tells a value of this type from those of others, as the client reads it.
    var valueKind: String {
        switch self {
        case .scalar(.serial): Scalar.int64.rawValue
        case .scalar(let scalar): scalar.rawValue
        case .decimal: "DECIMAL"
        case .list: "LIST"
        case .array: "ARRAY"
        case .structure: "STRUCT"
        case .map: "MAP"
        case .union: "UNION"
        }
    }
}
