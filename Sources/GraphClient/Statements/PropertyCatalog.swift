/// What the tables' properties are, as far as it matters for rounding, for running statements again, and for finding nodes.
struct PropertyCatalog {
    private struct Property {
        var table: String
        var type: String
        var hasRepeatableDefault: Bool
    }

    private var properties: [String: [Property]] = [:]
    /// The primary keys of the node tables.
    private(set) var keys: [String: String] = [:]
    private(set) var hasRelationships = false

    init(reading connection: GraphConnection) throws {
        for row in try connection.query("CALL show_tables() RETURN name, type") {
            guard case .string(let table) = row[0] else { continue }
            if row[1] != .string("NODE") { hasRelationships = true }
            let quoted = table.replacing("'", with: "\\'")
            for row in try connection.query("CALL table_info('\(quoted)') RETURN *") {
                guard case .string(let name) = row["name"], case .string(let type) = row["type"] else { continue }
                if row["primary key"] == .bool(true) { keys[table] = name }
                var isRepeatable = type != "SERIAL"
                if case .string(let expression) = row["default expression"] {
                    isRepeatable = isRepeatable && ReplayCheck.isRepeatable(default: expression)
                }
                properties[name, default: []].append(
                    Property(table: table, type: type, hasRepeatableDefault: isRepeatable))
            }
        }
    }

    /// The type that would round a number with `digits` after its point, if the property has one in a table that the statement names.
    func roundingType(of property: String, digits: Int, words: Set<String>) -> String? {
        let all = properties[property] ?? []
        let named = all.filter { words.contains($0.table) }
        return (named.isEmpty ? all : named).first { Self.rounds($0.type, digits: digits) }?.type
    }

    /// The first property of a table named in the statement whose default can't be repeated, and that the statement doesn't name.
    func unrepeatableDefault(in statement: StatementText) -> String? {
        for (name, tables) in properties where !statement.words.contains(name) {
            for property in tables where !property.hasRepeatableDefault && statement.words.contains(property.table) {
                return "\(property.table).\(name)"
            }
        }
        return nil
    }

    private static func rounds(_ type: String, digits: Int) -> Bool {
        if type.hasPrefix("DECIMAL") {
            // A binary fraction is inexact by nature; only a decimal's own digits are worth an error.
            let scale = type.split(separator: ",").last.flatMap { Int($0.filter(\.isNumber)) } ?? 0
            return digits != .max && digits > scale
        }
        return ["INT", "UINT", "SERIAL"].contains { type.hasPrefix($0) } && !type.hasPrefix("INTERVAL")
            && !type.hasSuffix("]")
    }
}
