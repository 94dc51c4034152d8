/// The types of the tables' properties, as far as they matter for rounding.
struct PropertyCatalog {
    private struct Property {
        var table: String
        var type: String
    }

    private var properties: [String: [Property]] = [:]

    init(reading connection: GraphConnection) throws {
        for table in try connection.query("CALL show_tables() RETURN name") {
            guard case .string(let table) = table[0] else { continue }
            let quoted = table.replacing("'", with: "\\'")
            for row in try connection.query("CALL table_info('\(quoted)') RETURN name, type") {
                guard case .string(let name) = row[0], case .string(let type) = row[1] else { continue }
                properties[name, default: []].append(Property(table: table, type: type))
            }
        }
    }

    /// The type that would round a number with `digits` after its point, if the property has one in a table that the statement names.
    func roundingType(of property: String, digits: Int, words: Set<String>) -> String? {
        let all = properties[property] ?? []
        let named = all.filter { words.contains($0.table) }
        return (named.isEmpty ? all : named).first { Self.rounds($0.type, digits: digits) }?.type
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
