import Foundation
import GRDB
import RedisClient
import Stores

/// Sees that Redis has the keys of all rows: a key of its own tells whether it still has its data, and when that one is
/// gone or speaks of other mappings, all rows are noted for the synchronizer.
///
/// That key is written past the journal, so that nothing brings it back after a loss but a fill that was complete.
struct RedisFill {
    static let key = "trivet:synchronized"

    let redis: any RedisCommands
    let sqlite: SQLitePool
    let rows: MappedRows
    /// What stands in the key when all is there.
    let goal: String
    /// How often all rows were noted.
    private(set) var count: Int
    /// What stands in the key while a fill of ours is under way.
    private(set) var token: String?
    /// Whether all was there when it was last looked at.
    private(set) var isComplete = false

    init(
        redis: any RedisCommands, sqlite: SQLitePool, rows: MappedRows, goal: String, count: Int, token: String?
    ) {
        self.redis = redis
        self.sqlite = sqlite
        self.rows = rows
        self.goal = goal
        self.count = count
        self.token = token
    }

    /// Looks whether Redis has its data, and begins or ends a fill.
    mutating func check() async throws {
        let found: String? = try await redis.get(Self.key)
        isComplete = found == goal
        if isComplete { return }
        guard let token, found == token else { return try await begin() }
        let isDone = try await sqlite.read { try ChangeLog.first(.backfill, in: $0) == nil }
        // The rows' keys are in Redis by now: each step waits for it. If it has lost them since, the token is lost too.
        guard isDone else { return }
        isComplete = try await redis.send("EVAL", Self.exchange, 1, Self.key, token, goal).decode(as: Int.self) == 1
    }

    private static let exchange = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0
        """

    private mutating func begin() async throws {
        let token = "filling \(UUID())"
        try await redis.set(Self.key, token)
        self.token = token
        count += 1
        try await sqlite.write { try $0.execute(sql: "DELETE FROM trivet_backfill") }
        for mapped in rows.tables.values.sorted(by: { $0.name < $1.name }) {
            try await noteRows(of: mapped)
            try await noteStrays(of: mapped)
        }
    }

    // MARK: Noting

    private static let portion = 5_000

    /// Notes all rows, in portions, so that others can write in between.
    private func noteRows(of mapped: MappedTable) async throws {
        let columns = mapped.keyColumns.map(quoted).joined(separator: ", ")
        let places = mapped.keyColumns.indices.map { "k\($0)" }.joined(separator: ", ")
        let isKey = mapped.keyColumns.map { "\(quoted($0)) IS NOT NULL" }.joined(separator: " AND ")
        let table = quoted(mapped.table.name)
        var last: [DatabaseValue]?
        while true {
            let after = last
            let beyond =
                after == nil
                ? "" : " AND (\(columns)) > (\(mapped.keyColumns.map { _ in "?" }.joined(separator: ", ")))"
            let source = "FROM \(table) WHERE \(isKey)\(beyond) ORDER BY \(columns) LIMIT \(Self.portion)"
            let end = try await sqlite.write { database in
                let arguments = StatementArguments(after ?? [])
                try database.execute(
                    sql: "INSERT INTO trivet_backfill (mapping, \(places)) SELECT ?, \(columns) \(source)",
                    arguments: StatementArguments([mapped.name.databaseValue] + (after ?? [])))
                let row = try Row.fetchOne(
                    database, sql: "SELECT \(columns) \(source) OFFSET \(Self.portion - 1)", arguments: arguments)
                return row.map { row in mapped.keyColumns.indices.map { row[$0] as DatabaseValue } }
            }
            guard let end else { return }
            last = end
        }
    }

    /// Notes the keys of rows that are gone, so that they are deleted.
    private func noteStrays(of mapped: MappedTable) async throws {
        let places = mapped.keyColumns.indices.map { "k\($0)" }.joined(separator: ", ")
        let values = mapped.keyColumns.map { _ in "?" }.joined(separator: ", ")
        var cursor = RedisKeyCursor(redis, matching: mapped.mapping.key.glob)
        while let keys = try await cursor.next() {
            let strays = try await sqlite.read { database in
                try keys.filter { try mapped.row(of: $0, in: database) == nil }
                    .compactMap { mapped.candidates(for: $0).first }
            }
            guard !strays.isEmpty else { continue }
            try await sqlite.write { database in
                for stray in strays {
                    try database.execute(
                        sql: "INSERT INTO trivet_backfill (mapping, \(places)) VALUES (?, \(values))",
                        arguments: StatementArguments([mapped.name.databaseValue] + stray))
                }
            }
        }
    }
}
