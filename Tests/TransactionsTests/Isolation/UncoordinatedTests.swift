import GRDB
import GraphClient
import RedisClient
import Testing

@testable import Transactions

/// What the same steps lead to when each store is used by itself, through its plain pool: these are the anomalies that
/// the tests beside this one look for, on the same stores, so that they are known to be real.
@Suite struct UncoordinatedTests {
    @Test("Without a coordinator: writes of two clients are mixed (G0)") func dirtyWrite() async throws {
        try await CellStores.with { stores in
            try await stores.plain(.sqlite, 11)
            try await stores.plain(.sqlite, 12)
            try await stores.plain(.redis, 22)
            try await stores.plain(.redis, 21)
            let values = (try await stores.plain(.sqlite), try await stores.plain(.redis))
            #expect(values == (12, 21))
        }
    }

    @Test("Without a coordinator: work that is given up stays in part, and is read (Atomicity-RB, G1a)")
    func abortedRead() async throws {
        try await CellStores.with { stores in
            try await stores.plain(.sqlite, 10)
            try await stores.plain(.graph, 10)
            do {
                try await stores.plain(.sqlite, 101)
                try await stores.coordinator.graph?.write { connection in
                    try connection.execute("MATCH (c:Cell) SET c.value = 101")
                    throw Refused()
                }
                Issue.record("nothing was thrown")
            } catch is Refused {}
            let values = (try await stores.plain(.sqlite), try await stores.plain(.graph))
            #expect(values == (101, 10))
        }
    }

    @Test("Without a coordinator: another client's writes are seen in part (G-single)") func readSkew() async throws {
        try await CellStores.with { stores in
            for place in Place.allCases { try await stores.plain(place, 10) }
            let before = try await stores.plain(.sqlite)
            for place in Place.allCases { try await stores.plain(place, 12) }
            let after = (try await stores.plain(.graph), try await stores.plain(.redis))
            #expect(before == 10 && after == (12, 12))
        }
    }

    @Test("Without a coordinator: a change is lost, in each store (P4)", arguments: Place.allCases)
    func lostUpdate(_ place: Place) async throws {
        try await CellStores.with { stores in
            try await stores.plain(place, 10)
            let first = try await stores.plain(place)
            let second = try await stores.plain(place)
            try await stores.plain(place, first + 1)
            try await stores.plain(place, second + 1)
            #expect(try await stores.plain(place) == 11)
        }
    }

    @Test("Without a coordinator: a rule over two stores is broken (G2-item)") func writeSkew() async throws {
        try await CellStores.with { stores in
            try await stores.plain(.graph, 70)
            try await stores.plain(.redis, 80)
            let first = try await stores.plain(.graph) + stores.plain(.redis)
            let second = try await stores.plain(.graph) + stores.plain(.redis)
            if first >= 100 { try await stores.plain(.graph, 70 - 100) }
            if second >= 100 { try await stores.plain(.redis, 80 - 100) }
            #expect(try await stores.plain(.graph) + stores.plain(.redis) == -50)
        }
    }
}

extension CellStores {
    /// Sets cell 1 of a store, through its pool alone.
    fileprivate func plain(_ place: Place, _ value: Int) async throws {
        switch place {
        case .sqlite:
            try await coordinator.sqlite.write { db in
                try db.execute(
                    sql: "INSERT INTO cell VALUES (1, ?, '') ON CONFLICT DO UPDATE SET value = excluded.value",
                    arguments: [value])
            }
        case .graph:
            try await coordinator.graph?.execute(
                "MERGE (c:Cell {id: 1}) ON CREATE SET c.value = $value ON MATCH SET c.value = $value", ["value": value])
        case .redis: _ = try await redis.send(RedisCommand("SET", "cell:1", "\(value)"), as: String.self)
        }
    }

    fileprivate func plain(_ place: Place) async throws -> Int {
        switch place {
        case .sqlite: try await coordinator.sqlite.read { try Int.fetchOne($0, sql: "SELECT value FROM cell") ?? 0 }
        case .graph:
            try await coordinator.graph?.query("MATCH (c:Cell) RETURN c.value").scalar(Int.self) ?? 0
        case .redis: try await redis.send(RedisCommand("GET", "cell:1"), as: Int.self)
        }
    }
}
