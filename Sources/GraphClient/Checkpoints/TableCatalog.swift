/// The tables with their properties, as a checkpoint needs them.
struct TableCatalog: Sendable {
    struct Property: Sendable {
        let name: String
        let type: String
    }

    struct Nodes: Sendable {
        let name: String
        let properties: [Property]
        let key: String

        var quoted: String { TableCatalog.quoted(name) }
    }

    /// The relationships of a table between two tables of nodes.
    struct Relationships: Sendable {
        let name: String
        let fromName: String
        let toName: String
        let properties: [Property]

        var quoted: String { TableCatalog.quoted(name) }
        var from: String { TableCatalog.quoted(fromName) }
        var to: String { TableCatalog.quoted(toName) }
    }

    private(set) var nodes: [Nodes] = []
    private(set) var relationships: [Relationships] = []

    /// - Parameter query: runs a statement and gives its rows.
    init(query: (String) throws -> [GraphRow]) throws {
        // What is attached is no part of this database.
        let others = try query("CALL show_attached_databases() RETURN name").map { try Self.text($0[0]) + "(" }
        for row in try query("CALL show_tables() RETURN name, type, `database name`") {
            let (name, owner) = (try Self.text(row[0]), try Self.text(row[2]))
            if others.contains(where: owner.hasPrefix) { continue }
            let columns = try query("CALL table_info(\(Self.literal(name))) RETURN *")
            let properties = try columns.map { column in
                Property(name: try Self.text(column["name"]), type: try Self.text(column["type"]))
            }
            switch try Self.text(row[1]) {
            case "NODE":
                let key = try columns.first { $0["primary key"] == .bool(true) }.map { try Self.text($0["name"]) }
                nodes.append(Nodes(name: name, properties: properties, key: key ?? ""))
            case "REL":
                for ends in try query("CALL show_connection(\(Self.literal(name))) RETURN *") {
                    relationships.append(
                        Relationships(
                            name: name, fromName: try Self.text(ends[0]), toName: try Self.text(ends[1]),
                            properties: properties))
                }
            default: continue
            }
        }
    }

    /// The engine gives names back as they were quoted.
    static func quoted(_ name: String) -> String { "`" + name + "`" }

    private static func literal(_ name: String) -> String {
        "'" + name.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    private static func text(_ value: GraphValue?) throws -> String {
        guard case .string(let text)? = value else {
            throw GraphError.unexpectedResult("The engine describes a table by something else than a text.")
        }
        return text
    }
}
