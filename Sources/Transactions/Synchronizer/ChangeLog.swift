import GRDB

/// What triggers have noted and Redis does not have yet.
///
/// - `trivet_changes`: rows that have changed, in the order of the changes. Numbers are never used again.
/// - `trivet_backfill`: rows whose keys are made anew, because Redis has lost them or a mapping is new; they give way
///   to changes.
enum ChangeLog {
    /// The least that a SQLite program of any version understands, since any may write through the triggers.
    static var schema: String {
        let keys = (0..<MappedTable.maximumKeyColumns).map { "k\($0)" }.joined(separator: ", ")
        return """
            CREATE TABLE IF NOT EXISTS trivet_changes (
                id INTEGER PRIMARY KEY AUTOINCREMENT, mapping TEXT NOT NULL, moment INTEGER, \(keys));
            CREATE TABLE IF NOT EXISTS trivet_backfill (
                id INTEGER PRIMARY KEY AUTOINCREMENT, mapping TEXT NOT NULL, moment INTEGER, \(keys));
            """
    }

    enum Source: String, Sendable {
        case changes = "trivet_changes"
        case backfill = "trivet_backfill"
    }

    /// A note of a trigger.
    struct Entry: Hashable, Sendable {
        var id: Int64
        var mapping: String
        /// In milliseconds since 1970.
        var moment: Int64?
        var key: [DatabaseValue]
    }

    static func exists(in database: Database) throws -> Bool {
        try database.tableExists(Source.changes.rawValue) && database.tableExists(Source.backfill.rawValue)
    }

    /// The oldest entries after a number.
    ///
    /// - Parameter mappings: those that are known, by name; entries of others are passed over.
    static func entries(
        _ source: Source, after id: Int64 = 0, limit: Int, of mappings: [String: MappedTable], in database: Database
    ) throws -> [Entry] {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM \(source.rawValue) WHERE id > ? ORDER BY id LIMIT ?")
        var entries: [Entry] = []
        let rows = try Row.fetchCursor(statement, arguments: [id, limit])
        while let row = try rows.next() {
            let name: String = row["mapping"]
            guard let mapped = mappings[name] else { continue }
            let key = mapped.keyColumns.indices.map { row["k\($0)"] as DatabaseValue }
            entries.append(Entry(id: row["id"], mapping: name, moment: row["moment"], key: key))
        }
        return entries
    }

    /// The highest number; 0 where there is nothing.
    static func last(_ source: Source, in database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "SELECT max(id) FROM \(source.rawValue)")
        return try Int64.fetchOne(statement) ?? 0
    }

    static func range(_ source: Source, in database: Database) throws -> ClosedRange<Int64>? {
        guard let first = try first(source, in: database) else { return nil }
        return first...max(first, try last(source, in: database))
    }

    static func first(_ source: Source, in database: Database) throws -> Int64? {
        try Int64.fetchOne(try database.cachedStatement(sql: "SELECT min(id) FROM \(source.rawValue)"))
    }

    /// Takes entries out, which are done with the transaction that does so.
    static func remove(_ ids: [Int64], from source: Source, in database: Database) throws {
        guard let first = ids.first, let last = ids.last else { return }
        let count = try Int.fetchOne(
            try database.cachedStatement(sql: "SELECT count(*) FROM \(source.rawValue) WHERE id BETWEEN ? AND ?"),
            arguments: [first, last])
        if count == ids.count {
            try database.cachedStatement(sql: "DELETE FROM \(source.rawValue) WHERE id BETWEEN ? AND ?")
                .execute(arguments: [first, last])
        } else {
            let statement = try database.cachedStatement(sql: "DELETE FROM \(source.rawValue) WHERE id = ?")
            for id in ids { try statement.execute(arguments: [id]) }
        }
    }

    /// Which of these keys still have to reach Redis.
    static func pending(
        of keys: Set<[DatabaseValue]>, mapping: MappedTable, in database: Database
    ) throws -> Set<[DatabaseValue]> {
        guard !keys.isEmpty, try exists(in: database) else { return [] }
        let places = mapping.keyColumns.indices.map { "k\($0)" }.joined(separator: ", ")
        var found: Set<[DatabaseValue]> = []
        for source in [Source.changes, .backfill] {
            let rows = try Row.fetchCursor(
                database, sql: "SELECT \(places) FROM \(source.rawValue) WHERE mapping = ?", arguments: [mapping.name])
            while let row = try rows.next() {
                let key = mapping.keyColumns.indices.map { row[$0] as DatabaseValue }
                if keys.contains(key) { found.insert(key) }
            }
        }
        return found
    }
}
