/// The triggers by which SQLite itself notes which mapped rows change, inside the transaction that changes them,
/// whoever makes it.
///
/// SQLite fires no DELETE trigger for a row that REPLACE removes because another one takes its unique value (unless
/// `recursive_triggers` is on), so the triggers before INSERT and UPDATE look for such rows.
struct ChangeTriggers: Hashable, Sendable {
    static let prefix = "trivet_"

    /// The statements by the triggers' names.
    let statements: [String: String]

    init(_ mapped: MappedTable) {
        let builder = Builder(mapped: mapped)
        var statements: [String: String] = [:]
        for (event, sql) in builder.triggers {
            let name = "\(Self.prefix)\(mapped.name)_\(event)"
            statements[name] = "CREATE TRIGGER \(quoted(name)) \(sql)"
        }
        self.statements = statements
    }

    /// The moment of a statement in milliseconds since 1970; SQLite knows no finer time.
    private static let moment = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"

    private struct Builder {
        let mapped: MappedTable

        var triggers: [(event: String, sql: String)] {
            let table = quoted(mapped.table.name)
            var triggers = [
                ("insert", "AFTER INSERT ON \(table) BEGIN \(note("NEW")); END"),
                ("delete", "AFTER DELETE ON \(table) BEGIN \(note("OLD")); END"),
                (
                    "update",
                    """
                    AFTER UPDATE ON \(table) WHEN \(differs(mapped.keyColumns + mapped.mapping.valueColumns)) BEGIN \
                    \(note("OLD", where: differs(mapped.keyColumns))); \(note("NEW")); END
                    """
                ),
            ]
            let others = mapped.table.uniqueSets.filter { Set($0.columns) != Set(mapped.keyColumns) }
            guard !others.isEmpty else { return triggers }
            let displaced = others.map { noteHolders(of: $0, where: nil) + ";" }.joined(separator: " ")
            triggers.append(("displace", "BEFORE INSERT ON \(table) BEGIN \(displaced) END"))
            let taken = others.map { noteHolders(of: $0, where: differs($0.columns)) + ";" }.joined(separator: " ")
            triggers.append(("take", "BEFORE UPDATE ON \(table) BEGIN \(taken) END"))
            return triggers
        }

        private var places: String {
            mapped.keyColumns.indices.map { "k\($0)" }.joined(separator: ", ")
        }

        private var beginning: String {
            "INSERT INTO trivet_changes (mapping, moment, \(places)) SELECT \(literal(mapped.name)), \(moment)"
        }

        /// Notes the row's key.
        private func note(_ row: String, where condition: String? = nil) -> String {
            let values = mapped.keyColumns.map { "\(row).\(quoted($0))" }.joined(separator: ", ")
            return "\(beginning), \(values)" + (condition.map { " WHERE \($0)" } ?? "")
        }

        /// Notes the keys of other rows that have the new row's values where they may occur only once.
        private func noteHolders(of set: TableDescription.UniqueSet, where condition: String?) -> String {
            let values = mapped.keyColumns.map(quoted).joined(separator: ", ")
            let matches = zip(set.columns, set.collations).map { column, collation in
                "\(quoted(column)) = NEW.\(quoted(column)) COLLATE \(quoted(collation))"
            }
            let all = (matches + (condition.map { ["(\($0))"] } ?? [])).joined(separator: " AND ")
            return "\(beginning), \(values) FROM \(quoted(mapped.table.name)) WHERE \(all)"
        }

        /// Whether an update changes one of the columns: by its bytes, not by its collation; 1 is not 1.0.
        private func differs(_ columns: [String]) -> String {
            var seen: Set<String> = []
            return columns.filter { seen.insert($0).inserted }.map { column in
                let name = quoted(column)
                return
                    "OLD.\(name) IS NOT NEW.\(name) COLLATE BINARY OR typeof(OLD.\(name)) IS NOT typeof(NEW.\(name))"
            }.joined(separator: " OR ")
        }

        private func literal(_ text: String) -> String {
            "'" + text.replacing("'", with: "''") + "'"
        }
    }
}
