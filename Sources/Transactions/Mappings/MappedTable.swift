import Foundation
import GRDB

/// A mapping onto Redis, checked against the table that is there.
struct MappedTable: Sendable {
    let name: String
    let mapping: CacheMapping
    let table: TableDescription

    /// The most columns in a key: `trivet_changes` has a place for each.
    static let maximumKeyColumns = 8

    /// The columns of the key.
    var keyColumns: [String] { mapping.key.columns }

    /// - Throws: ``MappingError`` when names don't exist, or the key would be that of several rows.
    init?(_ mapping: StoreMapping, place: String, in database: Database) throws {
        guard let cache = mapping.cache else { return nil }
        let table = try TableDescription(mapping.table, place: "\(place).table", in: database)
        try table.check(cache.key.columns, at: "\(place).cache.key")
        try table.check(cache.valueColumns, at: "\(place).cache.value")
        guard table.isUnique(cache.key.columns) else {
            throw MappingError(
                "\(place).cache.key",
                "rows of \"\(mapping.table)\" that agree in \(cache.key.columns.joined(separator: ", ")) would share a key",
                remedy: "Use the primary key's columns, or columns with a unique index.")
        }
        guard cache.key.columns.count <= Self.maximumKeyColumns else {
            throw MappingError(
                "\(place).cache.key", "it has \(cache.key.columns.count) columns",
                remedy: "Use at most \(Self.maximumKeyColumns).")
        }
        name = mapping.name
        self.mapping = cache
        self.table = table
    }

    // MARK: Values

    /// The row of a key, and what Redis is to hold for it.
    func value(of key: [DatabaseValue], in database: Database) throws -> CacheValue? {
        let row = try Row.fetchOne(try database.cachedStatement(sql: select), arguments: StatementArguments(key))
        guard let row else { return nil }
        return try mapping.cacheValue(of: row)
    }

    private var select: String {
        let columns = mapping.valueColumns.isEmpty ? "1" : mapping.valueColumns.map(quoted).joined(separator: ", ")
        return "SELECT \(columns) FROM \(quoted(table.name)) WHERE \(keyCondition)"
    }

    /// `"a" IS ? AND "b" IS ?`
    var keyCondition: String {
        keyColumns.map { "\(quoted($0)) IS ?" }.joined(separator: " AND ")
    }

    // MARK: From Redis

    /// The rows that a key of Redis may stand for, by the values of the key's columns; none when it is not a key of
    /// this mapping.
    func candidates(for key: CacheKey) -> [[DatabaseValue]] {
        mapping.key.texts(in: key).compactMap { texts in
            var values: [DatabaseValue] = []
            for (column, text) in zip(keyColumns, texts) {
                guard let value = table.value(of: text, in: column) else { return nil }
                values.append(value)
            }
            return mapping.key.key(values) == key ? values : nil
        }
    }

    /// The row of a key of Redis: nil if there is none.
    func row(of key: CacheKey, in database: Database) throws -> [DatabaseValue]? {
        let statement = "SELECT 1 FROM \(quoted(table.name)) WHERE \(keyCondition)"
        return try candidates(for: key).first { candidate in
            try Bool.fetchOne(database.cachedStatement(sql: statement), arguments: StatementArguments(candidate)) != nil
        }
    }
}

extension TableDescription {
    func check(_ names: [String], at place: String) throws {
        for name in names where column(name) == nil {
            throw MappingError.unknown("column", name, at: place, known: columnNames)
        }
    }

    /// The value that a key's text stands for; nil where a value of the column's type never gives that text.
    fileprivate func value(of text: String, in name: String) -> DatabaseValue? {
        let type = column(name)?.type ?? ""
        if type.contains("INT") {
            // SQLite also takes text in such a column, but only what is no number.
            return Int64(text).map(\.databaseValue)
        }
        if type.contains("BLOB") {
            var bytes: [UInt8] = []
            var rest = Substring(text)
            while !rest.isEmpty {
                guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            }
            return Data(bytes).databaseValue
        }
        if type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB") {
            return Double(text).map(\.databaseValue)
        }
        return text.databaseValue
    }
}
