import GRDB
import LocalEngines
import Stores

/// Rows into SQLite, durable when the call returns: a commit for each; many in one transaction; and with a statement that is prepared once.
struct SQLitePatterns {
    let benchmarker: Benchmarker

    private static let insert = "INSERT INTO log VALUES (?, ?)"
    /// The fast ways take more of them, so that they take long enough to be measured.
    private static let (few, many) = (50, 5_000)

    func run() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var configuration = SQLitePoolConfiguration()
            configuration.synchronous = .full
            let pool = try await SQLitePool.open(at: folder.path(of: "a.sqlite"), configuration: configuration)
            let result: Result<Void, any Error>
            do {
                try await pool.write {
                    try $0.execute(sql: "CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
                }
                try await measure(pool)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await pool.shutdown(within: .seconds(5))
            try result.get()
        }
    }

    private func measure(_ pool: SQLitePool) async throws {
        let ids = IDs()
        func oneByOne() async throws -> Double {
            try await seconds {
                for _ in 0..<Self.few {
                    let id = ids.next()
                    try await pool.write { try $0.execute(sql: Self.insert, arguments: [id, "user \(id)"]) }
                }
            } / Double(Self.few)
        }
        try await benchmarker.compare(
            .patternSQLiteTransaction, .speed, limitedBy: "parsing the statement for each row",
            subject: {
                try await seconds {
                    try await pool.write { database in
                        for _ in 0..<Self.many {
                            let id = ids.next()
                            try database.execute(sql: Self.insert, arguments: [id, "user \(id)"])
                        }
                    }
                } / Double(Self.many)
            },
            reference: { try await oneByOne() })
        try await benchmarker.compare(
            .patternSQLitePrepared, .speed, limitedBy: "SQLite's work for a row, and binding its values",
            subject: {
                try await seconds {
                    try await pool.write { database in
                        let statement = try database.makeStatement(sql: Self.insert)
                        for _ in 0..<Self.many {
                            let id = ids.next()
                            try statement.execute(arguments: [id, "user \(id)"])
                        }
                    }
                } / Double(Self.many)
            },
            reference: { try await oneByOne() })
    }
}
