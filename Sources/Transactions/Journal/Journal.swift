import Failpoints
import Foundation
import GRDB
import Stores

/// Trivet's own tables in SQLite.
///
/// - `trivet_meta` is never trimmed: identity, epoch, and up to which number the journal has been trimmed.
/// - `trivet_journal` holds what decided units still have to do in the other stores.
/// - `trivet_idempotency` holds results by idempotency key.
enum Journal {
    static let schema = """
        CREATE TABLE IF NOT EXISTS trivet_meta (key TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS trivet_journal (
            number INTEGER PRIMARY KEY, created INTEGER NOT NULL, graph BLOB, cache BLOB) STRICT;
        CREATE TABLE IF NOT EXISTS trivet_idempotency (
            key TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL, created INTEGER NOT NULL, result BLOB NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS trivet_idempotency_created ON trivet_idempotency (created);
        """

    /// What SQLite knows of the three stores as a whole.
    struct Meta: Hashable, Sendable {
        /// Tells this database from every other one.
        var identity: String
        /// Raised at every opening, so that a coordinator of before can be told from the present one.
        var epoch: Int
        /// The last decided number.
        var lastNumber: UInt64
        /// Up to which number the journal's rows are gone.
        var trimmed: UInt64
        /// The last number among them that had something for the graph.
        var trimmedGraph: UInt64 = 0
        /// Whether no unit has ever been decided here.
        var isNew: Bool { lastNumber == 0 && epoch == 1 }
    }

    /// How long what is not needed any more is kept, in case that it is.
    struct Retention: Hashable, Sendable {
        var journal: Duration
        var idempotency: Duration

        init(_ configuration: CoordinatorConfiguration) {
            journal = configuration.journalRetention
            idempotency = configuration.idempotencyRetention
        }
    }

    /// Creates the tables if need be, and raises the epoch.
    static func open(in database: Database) throws -> Meta {
        try database.execute(sql: schema)
        try database.execute(
            sql:
                "INSERT OR IGNORE INTO trivet_meta VALUES ('identity', ?), ('epoch', 0), ('trimmed', 0), ('format', 1)",
            arguments: [UUID().uuidString.lowercased()])
        let format = try Int.fetchOne(database, sql: "SELECT value FROM trivet_meta WHERE key = 'format'")
        guard format == 1 else {
            throw TransactionError(
                .foreignStore, "SQLite's tables of Trivet have the format \(format ?? 0), and this version knows 1",
                remedy: "Use the version of Trivet that wrote them.")
        }
        try database.execute(sql: "UPDATE trivet_meta SET value = value + 1 WHERE key = 'epoch'")
        return try meta(in: database)
    }

    static func meta(in database: Database) throws -> Meta {
        let identity = try String.fetchOne(database, sql: "SELECT value FROM trivet_meta WHERE key = 'identity'")
        let epoch = try Int.fetchOne(database, sql: "SELECT value FROM trivet_meta WHERE key = 'epoch'")
        let trimmed = try Int64.fetchOne(database, sql: "SELECT value FROM trivet_meta WHERE key = 'trimmed'") ?? 0
        let trimmedGraph = try Int64.fetchOne(
            database, sql: "SELECT value FROM trivet_meta WHERE key = 'trimmedGraph'")
        let last = try Int64.fetchOne(database, sql: "SELECT max(number) FROM trivet_journal") ?? 0
        return Meta(
            identity: identity ?? "", epoch: epoch ?? 0, lastNumber: UInt64(max(last, trimmed)),
            trimmed: UInt64(trimmed), trimmedGraph: UInt64(trimmedGraph ?? trimmed))
    }

    /// Writes what units still have to do, within their own transaction.
    static func insert(_ decision: Decision, _ retention: Retention, in database: Database) throws {
        let now = milliseconds
        let row = try database.cachedStatement(sql: "INSERT INTO trivet_journal VALUES (?, ?, ?, ?)")
        for unit in decision.units {
            let number = Int64(unit.row.number)
            try row.execute(
                arguments: [
                    number, now, try JournalCodec.encode(unit.row.graph), try JournalCodec.encode(unit.row.cache),
                ])
            if let key = unit.idempotencyKey, let result = unit.result {
                try database.cachedStatement(sql: "INSERT INTO trivet_idempotency VALUES (?, ?, ?, ?)").execute(
                    arguments: [key, number, now, Data(result)])
            }
        }
        if let limit = decision.trimUpTo {
            try trim(upTo: limit, createdBefore: now - Int64(retention.journal / .milliseconds(1)), in: database)
            try trimResults(createdBefore: now - Int64(retention.idempotency / .milliseconds(1)), in: database)
        }
    }

    /// The most rows that are removed at one time, since a user's transaction waits for it.
    private static let mostTrimmed = 5_000

    private static func trim(upTo limit: UInt64, createdBefore moment: Int64, in database: Database) throws {
        let last = try Int64.fetchOne(
            database,
            sql: """
                SELECT max(number)
                FROM (SELECT number, created FROM trivet_journal WHERE number <= ? ORDER BY number LIMIT ?)
                WHERE created < ?
                """,
            arguments: [Int64(clamping: limit), mostTrimmed, moment])
        guard let last else { return }
        Failpoint.trimBefore.pass()
        // The graph's marker may stay below what is trimmed: its last unit may be older than the rows of others.
        let lastOfGraph = try Int64.fetchOne(
            database, sql: "SELECT max(number) FROM trivet_journal WHERE number <= ? AND graph IS NOT NULL",
            arguments: [last])
        let trimmedGraph = max(Int64(try meta(in: database).trimmedGraph), lastOfGraph ?? 0)
        try database.execute(
            sql: "INSERT OR REPLACE INTO trivet_meta VALUES ('trimmedGraph', ?)", arguments: [trimmedGraph])
        try database.execute(sql: "DELETE FROM trivet_journal WHERE number <= ?", arguments: [last])
        try database.execute(sql: "UPDATE trivet_meta SET value = ? WHERE key = 'trimmed'", arguments: [last])
        Failpoint.trimAfter.pass()
    }

    private static func trimResults(createdBefore moment: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM trivet_idempotency WHERE key IN
                (SELECT key FROM trivet_idempotency WHERE created < ? ORDER BY created LIMIT ?)
                """,
            arguments: [moment, mostTrimmed])
    }

    /// What the journal holds for one store: reading its JSON takes most of a long recovery's time.
    static func rows(
        of store: StoreKind, after first: UInt64, through last: UInt64, in database: Database
    ) throws -> [JournalRow] {
        let column = store == .graph ? "graph" : "cache"
        return try Row.fetchAll(
            database,
            sql: """
                SELECT number, \(column) FROM trivet_journal
                WHERE number > ? AND number <= ? AND \(column) IS NOT NULL ORDER BY number
                """,
            arguments: [Int64(first), Int64(clamping: last)]
        ).map { row in
            var part = JournalRow(number: UInt64(row["number"] as Int64), graph: [], cache: [])
            if store == .graph {
                part.graph = try JournalCodec.decodeGraph(row[column])
            } else {
                part.cache = try JournalCodec.decodeCache(row[column])
            }
            return part
        }
    }

    static func contains(_ number: UInt64, in database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM trivet_journal WHERE number = ?)", arguments: [Int64(number)])
            ?? false
    }

    /// A commit that means nothing but that it was made.
    static func fence(_ number: UInt64, in database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO trivet_meta VALUES ('fence', ?)", arguments: [Int64(number)])
    }

    static func storedResult(of key: String, in database: Database) throws -> StoredResult? {
        let row = try Row.fetchOne(
            database, sql: "SELECT number, result FROM trivet_idempotency WHERE key = ?", arguments: [key])
        return row.map { row in
            StoredResult(number: UInt64(row["number"] as Int64), value: Bytes(row["result"] as Data))
        }
    }

    private static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
