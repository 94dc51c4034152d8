import GRDB
import LocalEngines
import Measurement
import Stores

/// What SQLite costs through the pool: against its interface in C where only the statements count, against GRDB's own pool where the way to a connection counts.
struct SQLiteBenchmarks {
    let benchmarker: Benchmarker

    private static let users = 10_000
    private static let name = "SELECT name FROM users WHERE id = ?"
    private static let insert = "INSERT INTO log VALUES (?, ?)"

    func run() async throws {
        benchmarker.prepare("tables")
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "a.sqlite"), other = folder.path(of: "b.sqlite")
            // What is acknowledged is durable on both sides.
            var configuration = SQLitePoolConfiguration()
            configuration.synchronous = .full
            let pool = try await SQLitePool.open(at: path, configuration: configuration)
            let result: Result<Void, any Error>
            do {
                try await pool.write { database in try Self.makeTables(database, users: Self.users) }
                try await statement(pool, path)
                try await read(pool, path)
                try await commit(pool, other)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await pool.shutdown(within: .seconds(5))
            try result.get()
        }
    }

    private static func makeTables(_ database: Database, users: Int) throws {
        try database.execute(
            sql: """
                CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                """)
        for id in 1...users {
            try database.cachedStatement(sql: "INSERT INTO users VALUES (?, ?)").execute(arguments: [id, "user \(id)"])
        }
    }

    /// Point reads within one transaction, on one thread.
    private func statement(_ pool: SQLitePool, _ path: String) async throws {
        try await pool.withReader { session in
            let raw = try await session.run { _ in try RawSQLite(path: path, synchronous: "FULL") }
            try await benchmarker.measure(
                .sqliteStatement, limitedBy: "GRDB's statement cache, arguments and decoding"
            ) {
                // In blocks, so that what slows one side down slows the other down; a turn is the median of them.
                let ratios = try await session.read { database in
                    try (0..<40).map { try Self.ratio(ofBlock: $0, database, raw) }
                }
                return ratios.median
            }
            try await session.run { _ in raw.close() }
        }
    }

    private static func ratio(ofBlock number: Int, _ database: Database, _ raw: RawSQLite) throws -> Double {
        var (c, swift) = (Duration.zero, Duration.zero)
        for part in 0..<4 {
            let first = (number * 2 + part / 2) * 50
            let start = ContinuousClock.now
            if (part == 0 || part == 3) == number.isMultiple(of: 2) {
                for id in first..<(first + 50) { _ = try raw.text(name, id % users + 1) }
                c += ContinuousClock.now - start
            } else {
                for id in first..<(first + 50) {
                    let statement = try database.cachedStatement(sql: name)
                    _ = try String.fetchOne(statement, arguments: [id % users + 1])
                }
                swift += ContinuousClock.now - start
            }
        }
        return swift / c
    }

    /// One read after the other, each of its own.
    private func read(_ pool: SQLitePool, _ path: String) async throws {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let plain = try DatabasePool(path: path, configuration: configuration)
        let count = 500
        try await benchmarker.compare(
            .sqliteRead, .time, limitedBy: "the way to the reader's thread and back",
            subject: {
                try await seconds {
                    for id in 1...count { _ = try await pool.read { database in try Self.name(id, database) } }
                }
            },
            reference: {
                try await seconds {
                    for id in 1...count { _ = try await plain.read { database in try Self.name(id, database) } }
                }
            })
        try plain.close()
    }

    private static func name(_ id: Int, _ database: Database) throws -> String? {
        try String.fetchOne(database.cachedStatement(sql: name), arguments: [id])
    }

    /// Commits that are durable when they return.
    private func commit(_ pool: SQLitePool, _ path: String) async throws {
        let raw = try await pool.withWriter { session in
            try await session.run { _ in
                let raw = try RawSQLite(path: path, synchronous: "FULL")
                try raw.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
                return raw
            }
        }
        let ids = IDs()
        let count = 50
        try await benchmarker.compare(
            .sqliteCommit, .time, limitedBy: "the way to the writer's thread and back; the rest is the disk",
            subject: {
                try await seconds {
                    for _ in 0..<count {
                        let id = ids.next()
                        try await pool.write { database in
                            try database.cachedStatement(sql: Self.insert).execute(arguments: [id, "user \(id)"])
                        }
                    }
                }
            },
            reference: {
                // All of them on the writer's thread at once, which costs one way for all.
                try await pool.withWriter { session in
                    try await session.run { _ in
                        let start = ContinuousClock.now
                        for _ in 0..<count {
                            let id = ids.next()
                            try raw.write(Self.insert, id, "user \(id)")
                        }
                        return (ContinuousClock.now - start) / .seconds(1)
                    }
                }
            })
        try await pool.withWriter { session in try await session.run { _ in raw.close() } }
    }
}
