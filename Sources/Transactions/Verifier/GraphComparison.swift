import GRDB
import GraphClient

/// A node or relationship with the values that mappings speak of.
struct GraphElement: Sendable {
    var key: [DatabaseValue]
    var properties: [GraphValue]

    init(_ row: GraphRow, keyCount: Int) {
        key = row.values.prefix(keyCount).map(\.databaseValue)
        properties = Array(row.values.dropFirst(keyCount))
    }
}

/// Compares the rows of a page with what the graph has between the same keys.
struct GraphComparison {
    let mapping: VerifiedMapping
    let graph: GraphView

    func differences(_ rows: [VerifiedMapping.Row], _ elements: [GraphElement]) -> [Difference] {
        var byKey: [[ValueAgreement.Canonical]: [GraphElement]] = [:]
        for element in elements { byKey[element.key.map(ValueAgreement.canonical), default: []].append(element) }
        var differences: [Difference] = []
        for row in rows {
            let found = byKey.removeValue(forKey: row.key.map(ValueAgreement.canonical)) ?? []
            guard let element = found.first else {
                differences.append(difference(.missing, row.key, expected: text(of: row)))
                continue
            }
            if found.count > 1 { differences.append(difference(.extra, row.key, found: "\(found.count) of them")) }
            for (index, name) in graph.properties.enumerated()
            where !ValueAgreement.agree(row.properties[index], element.properties[index]) {
                differences.append(
                    difference(
                        .different, row.key, field: name, expected: row.properties[index].reportText,
                        found: element.properties[index].reportText))
            }
        }
        let rest = elements.filter { byKey[$0.key.map(ValueAgreement.canonical)] != nil }
        return differences + rest.map { difference(.extra, $0.key) }
    }

    private func text(of row: VerifiedMapping.Row) -> String? {
        guard !graph.properties.isEmpty else { return nil }
        return zip(graph.properties, row.properties).map { "\($0)=\($1.reportText)" }.joined(separator: " ")
    }

    private func difference(
        _ kind: Difference.Kind, _ key: [DatabaseValue], field: String? = nil, expected: String? = nil,
        found: String? = nil
    ) -> Difference {
        Difference(
            mapping: mapping.name, store: .graph, kind: kind, key: graph.name(key.map(\.reportText)), field: field,
            expected: expected, found: found)
    }
}
