import GRDB

/// A mapping, checked against the stores that are there, and ready to be compared page by page.
struct VerifiedMapping: Sendable {
    let name: String
    let table: TableDescription
    /// The columns by which the rows are gone through: those of the graph's key, or the mapping's own.
    let key: [String]
    let graph: GraphView?
    let cache: MappedTable?

    /// - Throws: ``MappingError`` for names that SQLite does not know.
    init(_ mapping: StoreMapping, place: String, in database: Database) throws {
        name = mapping.name
        table = try TableDescription(mapping.table, place: "\(place).table", in: database)
        let declared = mapping.key.isEmpty ? table.primaryKey : mapping.key
        graph = mapping.graph.map { GraphView($0, key: declared) }
        key = graph?.keyColumns ?? declared
        cache = try MappedTable(mapping, place: place, in: database)
        try table.check(declared, at: "\(place).key")
        if let graph { try table.check(graph.keyColumns + graph.propertyColumns, at: "\(place).graph") }
        guard !key.isEmpty, table.isUnique(key) else {
            throw MappingError(
                "\(place).key", "rows of \"\(mapping.table)\" can't be told apart by \(key)",
                remedy: "Name columns that have a unique index, or give the table a primary key.")
        }
    }

    /// A row with all that it should be elsewhere.
    struct Row: Sendable {
        var key: [DatabaseValue]
        /// In the order of the graph's properties.
        var properties: [DatabaseValue]
        /// What the key of Redis is made of.
        var cacheColumns: [DatabaseValue]
        var cacheKey: CacheKey?
        var cacheValue: CacheValue?
    }

    /// The rows after a key, in the order of their keys.
    func rows(after: [DatabaseValue]?, limit: Int, in database: Database) throws -> [Row] {
        let terms = key.map { "\(quoted($0)) COLLATE BINARY" }.joined(separator: ", ")
        let places = key.map { _ in "?" }.joined(separator: ", ")
        var conditions = key.map { "\(quoted($0)) IS NOT NULL" }
        if after != nil { conditions.append("(\(terms)) > (\(places))") }
        let all = key + (graph?.propertyColumns ?? []) + (cache?.keyColumns ?? []) + (cache?.mapping.valueColumns ?? [])
        let columns = Set(all).sorted().map(quoted).joined(separator: ", ")
        let sql = """
            SELECT \(columns) FROM \(quoted(table.name)) WHERE \(conditions.joined(separator: " AND ")) \
            ORDER BY \(terms) LIMIT \(limit)
            """
        let cursor = try GRDB.Row.fetchCursor(database, sql: sql, arguments: StatementArguments(after ?? []))
        var rows: [Row] = []
        while let row = try cursor.next() { rows.append(try read(row)) }
        return rows
    }

    /// A row by what the key of Redis is made of.
    func row(ofCacheColumns values: [DatabaseValue], in database: Database) throws -> Row? {
        guard let cache else { return nil }
        let row = try GRDB.Row.fetchOne(
            database, sql: "SELECT * FROM \(quoted(table.name)) WHERE \(cache.keyCondition)",
            arguments: StatementArguments(values))
        return try row.map(read)
    }

    private func read(_ row: GRDB.Row) throws -> Row {
        func values(_ columns: [String]) -> [DatabaseValue] { columns.map { row[$0] as DatabaseValue } }
        var result = Row(key: values(key), properties: values(graph?.propertyColumns ?? []), cacheColumns: [])
        if let cache {
            result.cacheColumns = values(cache.keyColumns)
            result.cacheKey = cache.mapping.key.key(result.cacheColumns)
            // The synchronizer deletes a key whose value can't be made.
            result.cacheValue = try? cache.mapping.cacheValue(of: row)
        }
        return result
    }
}
