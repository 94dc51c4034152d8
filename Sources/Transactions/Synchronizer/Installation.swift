import GRDB

/// What the synchronizer needs in SQLite, brought there in one transaction.
struct Installation: Sendable {
    let tables: [String: MappedTable]
    let schemaVersion: Int
    /// What keys are made of, in words: when it changes, all keys have to be made anew.
    let description: String
    /// Unique indexes that the triggers can't look into, by table.
    let blindSpots: [String: [String]]

    init(_ mappings: StoreMappings, in database: Database) throws {
        let tables = try Self.tables(mappings, in: database)
        try database.execute(sql: ChangeLog.schema)
        try Self.replaceTriggers(by: Self.triggers(of: tables), in: database)
        for source in [ChangeLog.Source.changes, .backfill] {
            try database.execute(
                sql: """
                    DELETE FROM \(source.rawValue)
                    WHERE mapping NOT IN (\(tables.keys.map { _ in "?" }.joined(separator: ", ")))
                    """, arguments: StatementArguments(tables.keys))
        }
        self.tables = tables
        schemaVersion = try Int.fetchOne(database, sql: "PRAGMA schema_version") ?? 0
        description = tables.values.sorted { $0.name < $1.name }.map(\.valueDescription).joined(separator: "; ")
        blindSpots = Dictionary(
            tables.values.filter { !$0.table.otherUniqueIndexes.isEmpty }
                .map { ($0.table.name, $0.table.otherUniqueIndexes) }
        ) { $1 }
    }

    /// Whether triggers are missing.
    static func isIncomplete(_ mappings: StoreMappings, in database: Database) throws -> Bool {
        let present = try triggers(in: database)
        return try triggers(of: tables(mappings, in: database)).contains { present[$0.key] != $0.value }
    }

    private static func tables(_ mappings: StoreMappings, in database: Database) throws -> [String: MappedTable] {
        var tables: [String: MappedTable] = [:]
        for (index, mapping) in mappings.mappings.enumerated() {
            guard let mapped = try MappedTable(mapping, place: "mappings[\(index)]", in: database) else { continue }
            tables[mapped.name] = mapped
        }
        return tables
    }

    private static func triggers(of tables: [String: MappedTable]) -> [String: String] {
        tables.values.reduce(into: [:]) { all, mapped in all.merge(ChangeTriggers(mapped).statements) { $1 } }
    }

    /// Removes triggers that are not wanted any more, and creates those that are missing.
    private static func replaceTriggers(by wanted: [String: String], in database: Database) throws {
        var present = try triggers(in: database)
        for (name, sql) in present where wanted[name] != sql {
            try database.execute(sql: "DROP TRIGGER \(quoted(name))")
            present[name] = nil
        }
        let missing = wanted.filter { present[$0.key] == nil }.sorted { $0.key < $1.key }
        for (_, sql) in missing { try database.execute(sql: sql) }
    }

    private static func triggers(in database: Database) throws -> [String: String] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT name, sql FROM sqlite_master
                WHERE type = 'trigger' AND substr(name, 1, \(ChangeTriggers.prefix.count)) = '\(ChangeTriggers.prefix)'
                """)
        return Dictionary(rows.map { ($0["name"], $0["sql"]) }) { $1 }
    }

    /// Removes all triggers and tables of the synchronizer.
    static func remove(from database: Database) throws {
        try replaceTriggers(by: [:], in: database)
        for source in [ChangeLog.Source.changes, .backfill] {
            try database.execute(sql: "DROP TABLE IF EXISTS \(source.rawValue)")
        }
    }
}

extension MappedTable {
    /// What its keys hold, in words.
    fileprivate var valueDescription: String {
        let form =
            switch mapping.value {
            case .string(let column): "string \(column)"
            case .json(let map): "json \(map.entries.map { "\($0.name)=\($0.column)" })"
            case .hash(let map): "hash \(map.entries.map { "\($0.name)=\($0.column)" })"
            case .custom(let custom): "custom \(custom.version) \(custom.columns)"
            }
        return "\(name): \(table.name) as \(mapping.key.text) \(form) \(mapping.expiry.map { "\($0)" } ?? "")"
    }
}
