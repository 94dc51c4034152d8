/// The statements that make a graph's tables, sequences and macros, in the order in which they need each other.
struct SchemaStatements {
    let schema: GraphSchema

    /// Before any row: sequences, which defaults may ask, macros, then nodes, then what is between them.
    var all: [String] {
        schema.sequences.flatMap(Self.make) + schema.macros + schema.nodes.flatMap(Self.make)
            + schema.relationships.flatMap(Self.make)
    }

    /// A sequence goes on where it was, so it begins with the value that it gave last, and gives it.
    private static func make(_ sequence: GraphSchema.Sequence) -> [String] {
        let start = sequence.lastValue ?? sequence.start
        let statement = """
            CREATE SEQUENCE \(Cypher.name(sequence.name)) START \(start) INCREMENT \(sequence.increment) \
            MINVALUE \(sequence.minimum) MAXVALUE \(sequence.maximum) \(sequence.isCyclic ? "CYCLE" : "NO CYCLE")
            """
        return [statement] + (sequence.lastValue == nil ? [] : ["RETURN nextval(\(Cypher.literal(sequence.name)))"])
    }

    private static func make(_ table: GraphSchema.NodeTable) -> [String] {
        let columns = table.properties.map(column) + ["PRIMARY KEY(\(Cypher.name(table.key)))"]
        return ["CREATE NODE TABLE \(Cypher.name(table.name))(\(columns.joined(separator: ", ")))"]
            + rest(of: table.name, table.properties, table.comment)
    }

    private static func make(_ table: GraphSchema.RelationshipTable) -> [String] {
        let parts =
            table.connections.map { "FROM \(Cypher.name($0.from)) TO \(Cypher.name($0.to))" }
            + table.properties.map(column) + [table.multiplicity.rawValue]
        return ["CREATE REL TABLE \(Cypher.name(table.name))(\(parts.joined(separator: ", ")))"]
            + rest(of: table.name, table.properties, table.comment)
    }

    private static func column(_ property: GraphSchema.Property) -> String {
        let ending = property.defaultValue.map { " DEFAULT \($0)" } ?? ""
        return "\(Cypher.name(property.name)) \(property.type)\(ending)"
    }

    /// The counters, and the comment. A SERIAL property's counter is made with its table and has no way to be set, except to be
    /// made again under its name: so does the engine when it exports a database itself.
    private static func rest(of table: String, _ properties: [GraphSchema.Property], _ comment: String?) -> [String] {
        var statements: [String] = []
        for property in properties {
            guard let last = property.lastNumber else { continue }
            let name = SchemaReader.counter(of: property.name, in: table)
            statements += [
                "DROP SEQUENCE \(Cypher.name(name))",
                "CREATE SEQUENCE \(Cypher.name(name)) START \(last) INCREMENT 1 MINVALUE 0 MAXVALUE \(Int64.max) NO CYCLE",
                "RETURN nextval(\(Cypher.literal(name)))",
            ]
        }
        if let comment { statements.append("COMMENT ON TABLE \(Cypher.name(table)) IS \(Cypher.literal(comment))") }
        return statements
    }
}
