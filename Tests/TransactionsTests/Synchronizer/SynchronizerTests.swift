import GRDB
import LocalEngines
import RedisClient
import Testing

@testable import Transactions

@Suite("T7: Redis follows SQLite") struct SynchronizerTests {
    @Test("T7: what another program inserts, updates and deletes reaches Redis, with its lag measured")
    func follows() async throws {
        try await FollowedStores.with { stores in
            try await stores.strangely("INSERT INTO users VALUES (1, 'Ada', 'London', 0)")
            try await stores.following { synchronizer in
                #expect(try await stores.strings() == ["user:1": #"{"id":1,"name":"Ada","city":"London"}"#])
                try await stores.strangely("INSERT INTO users VALUES (2, 'Béla', NULL, 0)")
                try await stores.strangely("UPDATE users SET name = 'Ada \"L\"' WHERE id = 1")
                try await synchronizer.waitUntilCurrent()
                #expect(
                    try await stores.strings() == [
                        "user:1": #"{"id":1,"name":"Ada \"L\"","city":"London"}"#,
                        "user:2": #"{"id":2,"name":"Béla","city":null}"#,
                    ])
                try await stores.strangely("DELETE FROM users WHERE id = 1")
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.strings().keys.sorted() == ["user:2"])
                #expect(try await stores.pendingChanges() == 0)
                let status = synchronizer.status
                #expect(status.lag.count == 3)
                #expect(status.lag.longest < .seconds(10))
                #expect(status.lastError == nil && status.isRunning)
            }
        }
    }

    @Test(
        "T7: no way to change a row goes unnoticed",
        arguments: [
            "UPDATE users SET id = id + 100 WHERE id IN (1, 2)",
            "INSERT OR REPLACE INTO users VALUES (1, 'again', 'x', 0)",
            "INSERT OR REPLACE INTO users VALUES (50, 'name 2', 'takes the name of another', 0)",
            "REPLACE INTO users (name, city) VALUES ('name 3', 'without id')",
            "UPDATE OR REPLACE users SET name = 'name 5' WHERE id = 4",
            "UPDATE OR REPLACE users SET id = 5 WHERE id = 4",
            "INSERT INTO users VALUES (6, 'six', 'x', 0) ON CONFLICT (id) DO UPDATE SET name = 'upserted'",
            "INSERT OR IGNORE INTO users VALUES (6, 'ignored', 'x', 0)",
            "UPDATE users SET city = upper(city)", "UPDATE users SET rowid = 77 WHERE id = 7", "DELETE FROM users",
            "UPDATE users SET visits = visits + 1",
        ])
    func statements(sql: String) async throws {
        try await FollowedStores.with { stores in
            try await stores.following { synchronizer in
                for id in 1...9 {
                    try await stores.strangely("INSERT INTO users VALUES (?, ?, 'town', 0)", [id, "name \(id)"])
                }
                try await synchronizer.waitUntilCurrent()
                let fills = synchronizer.status.fills
                try await stores.strangely(sql)
                try await synchronizer.waitUntilCurrent()
                try await stores.expectAgreement()
                #expect(synchronizer.status.fills == fills)
            }
        }
    }

    @Test("T7: WITHOUT ROWID, composite keys, hashes, cascades, keys with hash tags") func tables() async throws {
        let schema = """
            CREATE TABLE teams (name TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE members (
                team TEXT REFERENCES teams ON UPDATE CASCADE ON DELETE CASCADE, number INTEGER, name TEXT, points REAL,
                photo BLOB, PRIMARY KEY (team, number)) WITHOUT ROWID
            """
        let mapping = StoreMapping(
            table: "members",
            cache: CacheMapping(
                key: "{{{team}}}:{number}", value: .hash(["name": "name", "score": "points", "p": "photo"])))
        try await FollowedStores.with(schema: schema) { stores in
            try await stores.following([mapping]) { synchronizer in
                try await stores.strangely(
                    """
                    INSERT INTO teams VALUES ('red'), ('blue');
                    INSERT INTO members VALUES ('red', 1, 'Ada', 1.5, x'00ff'), ('blue', 1, NULL, 3, NULL), ('red', 2, NULL, NULL, NULL)
                    """)
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.redis.hget("{red}:1", "name") == "Ada")
                #expect(try await stores.redis.send(RedisCommand("HSTRLEN", "{red}:1", "p"), as: Int.self) == 2)
                #expect(try await stores.redis.hgetall("{blue}:1") == ["score": "3.0"])
                #expect(try await !stores.redis.exists("{red}:2"))
                try await stores.strangely(
                    "UPDATE teams SET name = 'green' WHERE name = 'red'; DELETE FROM teams WHERE name = 'blue'")
                try await stores.strangely("UPDATE members SET name = NULL, points = 2 WHERE number = 1")
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.redis.hkeys("{green}:1").sorted() == ["p", "score"])
                #expect(try await !stores.redis.exists("{red}:1"))
                #expect(try await !stores.redis.exists("{blue}:1"))
            }
        }
    }

    @Test("T7: what changed while nobody followed is there after the next start; keys of rows that are gone, too")
    func restart() async throws {
        try await FollowedStores.with { stores in
            try await stores.following { _ in
                try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0), (2, 'b', 'x', 0)")
            }
            try await stores.strangely("UPDATE users SET name = 'later' WHERE id = 1; DELETE FROM users WHERE id = 2")
            try await stores.following { synchronizer in
                try await stores.expectAgreement()
                #expect(synchronizer.status.fills == 0)
            }
            // Another mapping: all keys are made anew.
            let other = StoreMapping(table: "users", cache: CacheMapping(key: "user:{id}", value: .string("name")))
            try await stores.redis.set("user:99", "of a row that is gone")
            try await stores.following([other]) { synchronizer in
                try await stores.wait(for: synchronizer) { try await stores.strings() == ["user:1": "later"] }
            }
        }
    }

    @Test("T7: Redis away for a while, then back empty") func outage() async throws {
        try await FollowedStores.with { stores in
            try await stores.following { synchronizer in
                for id in 1...200 {
                    try await stores.strangely("INSERT INTO users VALUES (?, ?, 'x', 0)", [id, "name \(id)"])
                }
                await stores.server.kill()
                try await stores.strangely("UPDATE users SET city = 'while Redis was away' WHERE id % 2 = 0")
                try await stores.strangely("DELETE FROM users WHERE id % 5 = 0")
                try await stores.server.restart(empty: true)
                try await stores.wait(for: synchronizer) {
                    try await stores.strings() == stores.expectedUsers()
                }
            }
        }
    }

    @Test("T7: FLUSHALL by somebody is noticed") func flush() async throws {
        var configuration = CacheSynchronizer.Configuration()
        configuration.checkInterval = .milliseconds(50)
        try await FollowedStores.with { [configuration] stores in
            try await stores.following(configuration: configuration) { synchronizer in
                try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0), (2, 'b', 'x', 0)")
                try await synchronizer.waitUntilCurrent()
                try await stores.redis.flushall()
                try await stores.wait(for: synchronizer) {
                    try await stores.strings() == stores.expectedUsers()
                }
                #expect(synchronizer.status.fills > 0)
            }
        }
    }

    @Test("T7: a key that a transaction holds does not hold up other rows") func heldKey() async throws {
        try await FollowedStores.with { stores in
            var configuration = CacheSynchronizer.Configuration()
            configuration.patience = .seconds(60)
            try await stores.following(configuration: configuration) { synchronizer in
                let (held, hold) = AsyncStream.makeStream(of: Void.self)
                let (released, release) = AsyncStream.makeStream(of: Void.self)
                async let holder: Void = stores.coordinator.transaction { txn in
                    _ = try await txn.redis.get("user:1")
                    hold.finish()
                    for await _ in released {}
                }
                for await _ in held {}
                try await stores.strangely("INSERT INTO users VALUES (1, 'held', 'x', 0), (2, 'free', 'x', 0)")
                try await stores.wait(for: synchronizer) { try await stores.redis.exists("user:2") }
                #expect(try await !stores.redis.exists("user:1"))
                release.finish()
                try await holder
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.redis.exists("user:1"))
            }
        }
    }

    @Test("T7: a value that can't be made deletes its key, and others go on") func brokenValue() async throws {
        struct Broken: Error {}
        let mapping = StoreMapping(
            table: "users",
            cache: CacheMapping(
                key: "user:{id}",
                value: .custom(
                    .init(columns: ["name"]) { row in
                        if row["name"] == "broken" { throw Broken() }
                        return .text("custom \(row["name"] as String)")
                    })))
        try await FollowedStores.with { stores in
            try await stores.following([mapping]) { synchronizer in
                try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0), (2, 'b', 'x', 0)")
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.strings() == ["user:1": "custom a", "user:2": "custom b"])
                try await stores.strangely(
                    "UPDATE users SET name = 'broken' WHERE id = 1; UPDATE users SET name = 'c' WHERE id = 2")
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.strings() == ["user:2": "custom c"])
            }
        }
    }

    @Test("T7: a table that is made anew is followed again") func newTable() async throws {
        try await FollowedStores.with { stores in
            try await stores.following { synchronizer in
                try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0), (2, 'b', 'x', 0)")
                try await synchronizer.waitUntilCurrent()
                try await stores.strangely("DROP TABLE users")
                try await stores.wait(for: synchronizer) { synchronizer.status.lastError is MappingError }
                try await stores.strangely(FollowedStores.users)
                try await stores.strangely("INSERT INTO users VALUES (2, 'new', 'y', 0)")
                try await stores.wait(for: synchronizer) {
                    try await stores.strings() == stores.expectedUsers()
                }
                try await stores.strangely("UPDATE users SET name = 'newer'")
                try await synchronizer.waitUntilCurrent()
                try await stores.expectAgreement()
            }
        }
    }

    @Test("T7: keys expire when the mapping says so") func expiry() async throws {
        var mapping = FollowedStores.usersMapping
        mapping.cache?.expiry = .seconds(100)
        try await FollowedStores.with { [mapping] stores in
            try await stores.following([mapping]) { synchronizer in
                try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0)")
                try await synchronizer.waitUntilCurrent()
                let left = try #require(try await stores.redis.pttl("user:1"))
                #expect(left > .seconds(50) && left <= .seconds(100))
            }
        }
    }

    @Test("T7: uninstalled, nothing of it is left in SQLite") func uninstalls() async throws {
        try await FollowedStores.with { stores in
            try await stores.following { _ in }
            try await CacheSynchronizer(stores.coordinator, mappings: [FollowedStores.usersMapping]).uninstall()
            try await stores.strangely("INSERT INTO users VALUES (1, 'a', 'x', 0)")
            let left = try await stores.stranger.inDatabaseOnThread { database in
                try String.fetchAll(
                    database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' OR name LIKE 'trivet_changes'"
                )
            }
            #expect(left.isEmpty)
        }
    }
}
