import GRDB
import GraphClient

/// A mapping's part in the graph: how its elements are asked for.
struct GraphView: Hashable, Sendable {
    let pattern: String
    /// Cypher for each part of the key, and the columns that it stands for.
    let keyTerms: [String]
    let keyColumns: [String]
    let properties: [String]
    let propertyTerms: [String]
    let propertyColumns: [String]
    /// What an element is called in reports.
    let title: String
    let keyNames: [String]

    init(_ mapping: GraphMapping, key: [String]) {
        switch mapping {
        case .node(let node):
            let map = node.key.isEmpty ? ColumnMap(key) : node.key
            pattern = "(n:\(ticked(node.label)))"
            keyTerms = map.names.map { "n.\(ticked($0))" }
            keyColumns = map.columns
            keyNames = map.names
            properties = node.properties.names
            propertyTerms = node.properties.names.map { "n.\(ticked($0))" }
            propertyColumns = node.properties.columns
            title = node.label
        case .relationship(let relationship):
            let (from, to) = (relationship.from, relationship.to)
            pattern =
                "(a:\(ticked(from.label)))-[r:\(ticked(relationship.type))]->(b:\(ticked(to.label)))"
            keyTerms = from.key.names.map { "a.\(ticked($0))" } + to.key.names.map { "b.\(ticked($0))" }
            keyColumns = from.key.columns + to.key.columns
            keyNames = keyColumns
            properties = relationship.properties.names
            propertyTerms = properties.map { "r.\(ticked($0))" }
            propertyColumns = relationship.properties.columns
            title = relationship.type
        }
    }

    /// What an element is called.
    func name(_ key: [String]) -> String {
        "\(title) \(zip(keyNames, key).map { "\($0)=\($1)" }.joined(separator: " "))"
    }

    /// The elements between two keys, in the order of their keys: after the first, up to and with the last.
    func query(
        after: [DatabaseValue]?, through: [DatabaseValue]?, limit: Int
    ) -> (cypher: String, parameters: GraphParameters) {
        var values: [String: GraphValue] = [:]
        var conditions: [String] = []
        if let after {
            conditions.append(compare(">", ">", "after"))
            for (index, value) in after.enumerated() { values["after\(index)"] = value.graphParameter }
        }
        if let through {
            conditions.append(compare("<", "<=", "through"))
            for (index, value) in through.enumerated() { values["through\(index)"] = value.graphParameter }
        }
        let filter = conditions.isEmpty ? "" : " WHERE \(conditions.map { "(\($0))" }.joined(separator: " AND "))"
        let cypher = """
            MATCH \(pattern)\(filter) RETURN \((keyTerms + propertyTerms).joined(separator: ", ")) \
            ORDER BY \(keyTerms.joined(separator: ", ")) LIMIT \(limit)
            """
        return (cypher, GraphParameters(values))
    }

    /// The comparison of whole keys: by their first parts, among equals by the second, and so on.
    private func compare(_ strict: String, _ last: String, _ name: String) -> String {
        keyTerms.indices.map { index in
            let equal = keyTerms[..<index].enumerated().map { "\($1) = $\(name)\($0)" }
            let sign = index == keyTerms.count - 1 ? last : strict
            return "(\((equal + ["\(keyTerms[index]) \(sign) $\(name)\(index)"]).joined(separator: " AND ")))"
        }.joined(separator: " OR ")
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// Checks that the graph has the tables and properties.
    ///
    /// - Parameter ask: the first column of a query's rows.
    static func check(
        _ mapping: GraphMapping, at place: String, _ ask: (String) async throws -> [String]
    ) async throws {
        let tables: [(kind: String, name: String, properties: [String], place: String)] =
            switch mapping {
            case .node(let node):
                [("NODE", node.label, node.key.names + node.properties.names, "\(place).node")]
            case .relationship(let relationship):
                [
                    ("REL", relationship.type, relationship.properties.names, "\(place).relationship"),
                    ("NODE", relationship.from.label, relationship.from.key.names, "\(place).relationship.from"),
                    ("NODE", relationship.to.label, relationship.to.key.names, "\(place).relationship.to"),
                ]
            }
        for table in tables {
            let known = try await ask("CALL show_tables() WHERE type = '\(table.kind)' RETURN name")
                .filter { $0 != KuzuParticipant.markers }.sorted()
            guard known.contains(table.name) else {
                let kind = table.kind == "NODE" ? "node label" : "relationship type"
                throw MappingError.unknown(kind, table.name, at: table.place, known: known)
            }
            let properties = try await ask("CALL table_info(\(literal(table.name))) RETURN name")
            for property in table.properties where !properties.contains(property) {
                throw MappingError.unknown("property", property, at: table.place, known: properties)
            }
        }
    }
}

/// A name as Cypher takes it, whatever letters it has.
private func ticked(_ name: String) -> String {
    "`" + name.replacing("`", with: "``") + "`"
}

extension DatabaseValue {
    fileprivate var graphParameter: GraphValue {
        switch storage {
        case .null: .null
        case .int64(let number): .int64(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .blob(let data): .blob(Array(data))
        }
    }
}
