import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Stores
import Testing
import Transactions

@testable import LoadTesting

/// What breaks a promise after a round that kept them all: the checker has to say so.
@Suite("I1–I5: the crash checker finds what was planted") struct PlantedViolationTests {
    @Test("I1–I5, T5: a planted violation is reported as what it is", arguments: Planted.allCases)
    func planted(_ planted: Planted) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await CrashSet.withSet(
                in: folder.path, kind: .kept, seed: 11, tool: try TrivetTool.path.string
            ) { set in
                let before = try await set.run(CrashPlan(round: 1, working: 40))
                #expect(before == [])
                let state = try #require(set.state)
                try await set.stores.withCoordinator { coordinator, redis in
                    try await planted.plant(coordinator, redis, state, set)
                }
                let violations = await set.check()
                #expect(
                    violations.contains { $0.promise == planted.promise && $0.text.contains(planted.words) },
                    "\(violations)")
            }
        }
    }

    @Test("I1–I5: stores that are as they should be are not reported, round after round") func nothingPlanted()
        async throws
    {
        try await TemporaryDirectory.withDirectory { folder in
            try await CrashSet.withSet(
                in: folder.path, kind: .kept, seed: 11, tool: try TrivetTool.path.string
            ) { set in
                for round in 1...3 {
                    let violations = try await set.run(CrashPlan(round: round, working: 20))
                    #expect(violations == [])
                }
                let violations = await set.check()
                #expect(violations == [])
            }
        }
    }
}

/// A flaw, and what has to be said of it.
enum Planted: CaseIterable {
    case recordLost, nodeLost, cacheEntryLost
    case rowDeleted, nodeChanged, keyDeleted
    case recordsSwapped, cacheSwapped
    case rolledBackThere, strangerThere
    case appliedTwice, neverExpires
    case cacheAhead, graphAhead, foreignCache
    case resultLost, numberWithoutUnit

    var promise: String {
        switch self {
        case .recordLost, .nodeLost, .cacheEntryLost: "I1"
        case .rolledBackThere, .strangerThere: "I2"
        case .recordsSwapped, .cacheSwapped: "I3"
        case .rowDeleted, .nodeChanged, .keyDeleted: "T8"
        case .appliedTwice, .neverExpires, .resultLost, .numberWithoutUnit: "I5"
        case .cacheAhead, .graphAhead, .foreignCache: "T5"
        }
    }

    var words: String {
        switch self {
        case .recordLost, .nodeLost, .cacheEntryLost: "was acknowledged, and is in"
        case .rolledBackThere: "rolls back"
        case .strangerThere: "which nobody has run"
        case .recordsSwapped, .cacheSwapped: "before"
        case .rowDeleted: "no row for it"
        case .nodeChanged: "expected"
        case .keyDeleted: "is missing"
        case .appliedTwice: "redis: crash:counter:"
        case .neverExpires: "never does"
        case .resultLost: "idempotency key"
        case .numberWithoutUnit: "SQLite has decided"
        case .cacheAhead, .graphAhead: "SQLite was restored from an older backup"
        case .foreignCache: "identity"
        }
    }

    func plant(_ coordinator: Coordinator, _ redis: RedisPool, _ state: CrashState, _ set: CrashSet) async throws {
        func sql(_ statement: String) async throws {
            try await coordinator.sqlite.write { try $0.execute(sql: statement) }
        }
        func cypher(_ statement: String) async throws {
            try await coordinator.graph?.withWriter { try await $0.execute(statement) }
        }
        let item = try #require(state.parts[.graph]?.contents.keys.first { $0.hasPrefix("item ") }?.dropFirst(5))
        switch self {
        case .recordLost: try await sql("DELETE FROM log WHERE position = (SELECT max(position) FROM log)")
        case .nodeLost: try await cypher("MATCH (e:Entry) WHERE e.unit = \(last(.graph, state)) DELETE e")
        case .cacheEntryLost: _ = try await redis.send(RedisCommand("ZREM", "crash:log", "\(last(.redis, state))"))
        case .rowDeleted: try await sql("DELETE FROM items WHERE id = \(item)")
        case .nodeChanged: try await cypher("MATCH (i:Item {id: \(item)}) SET i.value = -7")
        case .keyDeleted: _ = try await redis.send(RedisCommand("DEL", "crash:item:\(item)"))
        case .recordsSwapped:
            let units = state.units(in: .sqlite)
            try await sql("UPDATE log SET unit = -unit WHERE position IN (1, 2)")
            try await sql("UPDATE log SET unit = \(units[1]) WHERE position = 1")
            try await sql("UPDATE log SET unit = \(units[0]) WHERE position = 2")
        case .cacheSwapped:
            let units = state.units(in: .redis)
            _ = try await redis.send(RedisCommand("ZADD", "crash:log", "1", "\(units[units.count - 1])"))
            _ = try await redis.send(RedisCommand("ZADD", "crash:log", "\(units.count)", "\(units[0])"))
        case .rolledBackThere:
            let unit = try #require(
                set.history.attempts.keys.first { CrashUnit(number: $0, seed: 11, hasGraph: true).isRolledBack })
            try await sql("INSERT INTO log SELECT max(position) + 1, \(unit) FROM log")
        case .strangerThere: try await sql("INSERT INTO log SELECT max(position) + 1, 123456 FROM log")
        case .appliedTwice: _ = try await redis.send(RedisCommand("INCRBY", "crash:counter:0", "1"))
        case .neverExpires: _ = try await redis.send(RedisCommand("SET", "crash:brief:1", "1"))
        case .cacheAhead:
            _ = try await redis.send(RedisCommand("HSET", "trivet:marker", "number", "1000000", "session", "x"))
        case .graphAhead: try await cypher("CREATE (:TrivetMarker {number: 1000000})")
        case .foreignCache: _ = try await redis.send(RedisCommand("HSET", "trivet:marker", "identity", "another"))
        case .resultLost: try await sql("DELETE FROM trivet_idempotency")
        case .numberWithoutUnit:
            try await sql("INSERT INTO trivet_journal SELECT max(number) + 1, 0, NULL, NULL FROM trivet_journal")
        }
    }

    private func last(_ store: StoreKind, _ state: CrashState) -> Int { state.units(in: store).last ?? 0 }
}
