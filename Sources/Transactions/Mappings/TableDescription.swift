import GRDB

/// What mappings need to know of a table's schema.
struct TableDescription: Hashable, Sendable {
    struct Column: Hashable, Sendable {
        var name: String
        /// As declared, in upper case.
        var type: String
        var isGenerated: Bool
    }

    /// Columns whose values occur once, with the collations under which that is so.
    struct UniqueSet: Hashable, Sendable {
        var columns: [String]
        var collations: [String]
    }

    var name: String
    var columns: [Column]
    var primaryKey: [String]
    /// The primary key and the unique indexes over whole columns of all rows.
    var uniqueSets: [UniqueSet]
    /// Unique indexes of other kinds: over expressions, or of some rows only.
    var otherUniqueIndexes: [String]

    var columnNames: [String] { columns.map(\.name) }

    func column(_ name: String) -> Column? { columns.first { $0.name == name } }

    /// Whether no two rows agree in these columns.
    func isUnique(_ names: [String]) -> Bool {
        uniqueSets.contains { Set($0.columns).isSubset(of: names) }
    }

    /// - Throws: ``MappingError`` when there is no such table, or it can have no triggers.
    init(_ table: String, place: String, in database: Database) throws {
        let sql = try String.fetchOne(
            database, sql: "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", arguments: [table])
        guard let sql else {
            let known = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    AND name NOT LIKE 'trivet\\_%' ESCAPE '\\' ORDER BY name
                    """)
            throw MappingError.unknown("table", table, at: place, known: known)
        }
        guard !sql.uppercased().hasPrefix("CREATE VIRTUAL") else {
            throw MappingError(
                place, "\"\(table)\" is a virtual table, which can't have triggers", remedy: "Map an ordinary table.")
        }
        name = table
        let rows = try Row.fetchAll(
            database, sql: "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", arguments: [table])
        columns = rows.map { row in
            Column(
                name: row["name"], type: (row["type"] as String).uppercased(), isGenerated: (row["hidden"] as Int) > 1)
        }
        primaryKey = rows.filter { ($0["pk"] as Int) > 0 }
            .sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }.map { $0["name"] }
        (uniqueSets, otherUniqueIndexes) = try Self.uniqueIndexes(of: table, in: database)
        if !primaryKey.isEmpty, !uniqueSets.contains(where: { $0.columns == primaryKey }) {
            // An INTEGER PRIMARY KEY is the table itself and has no index.
            uniqueSets.append(UniqueSet(columns: primaryKey, collations: primaryKey.map { _ in "BINARY" }))
        }
        let generated = columns.filter(\.isGenerated).map(\.name)
        let (unclear, clear) = uniqueSets.reduce(into: ([UniqueSet](), [UniqueSet]())) { sets, set in
            // A trigger before the change does not know generated values yet.
            if set.columns.contains(where: generated.contains) { sets.0.append(set) } else { sets.1.append(set) }
        }
        uniqueSets = clear
        otherUniqueIndexes += unclear.map { $0.columns.joined(separator: ", ") }
    }

    private static func uniqueIndexes(
        of table: String, in database: Database
    ) throws -> (sets: [UniqueSet], others: [String]) {
        var sets: [UniqueSet] = []
        var others: [String] = []
        let indexes = try Row.fetchAll(
            database, sql: "SELECT name, partial FROM pragma_index_list(?) WHERE \"unique\" ORDER BY name",
            arguments: [table])
        for index in indexes {
            let name: String = index["name"]
            let parts = try Row.fetchAll(
                database, sql: "SELECT name, coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno",
                arguments: [name])
            let columns = parts.map { $0["name"] as String? }
            if (index["partial"] as Bool) || columns.contains(nil) {
                others.append(name)
            } else {
                sets.append(UniqueSet(columns: columns.compactMap { $0 }, collations: parts.map { $0["coll"] }))
            }
        }
        return (sets, others)
    }
}

/// A name as SQL takes it, whatever letters it has.
func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
}
