import GRDB
import GraphClient
import Measurement
import Pooling
import RedisClient
import Stores

/// S1: many users on all three pools at once, 20 operations to a round. Before them, every pool holds as many
/// connections as it promises, all in use at one moment (P8).
struct DatabaseStress: ProgrammedScenario {
    static let id = "database-stress"
    static let summary =
        "100 users on all pools at once; 50 Kùzu, 100 Redis and 30 SQLite connections in use at one moment"

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        stage.monitor.prepare("connections")
        let figures = try await Muster(engines: stage.engines).run()
        let before = stage.engines.poolCounters
        let recorder = try await stage.load(StressUsers(engines: stage.engines, data: stage.data))
        let reuse = stage.engines.poolCounters.since(before)
        var outcome = stage.outcome(
            Self.id, recorder: recorder,
            figures: figures + [CheckResult(.poolReuse, succeeded: reuse.reused, of: reuse.acquired)])
        // The scenario's own promise: at least 95 % of the operations succeed.
        outcome.result.pass = Double(stage.monitor.failures) <= Double(stage.monitor.operations) * 0.05
        return outcome
    }
}

/// A round of 20 operations: what a service's requests do.
private struct StressUsers: UserScenario {
    static let targets: [Target] = [.graphQuery, .redisOperation, .redisPipeline, .sqliteTransaction]

    let engines: LiveEngines
    let data: SeedData

    func withUser(_ number: Int, _ body: (Int) async throws -> Void) async throws {
        try await body(number)
    }

    func round(
        of user: Int, recorder: LoadRecorder, step: StepCounter, using generator: inout SplitMix64
    ) async throws {
        let ids = data.users(14, using: &generator)
        for id in ids.prefix(10) {
            try await step("cache") {
                try await recorder.measure(.redisOperation) {
                    try await engines.redis.set("stress:\(id)", user, expiry: .after(.seconds(60)))
                }
            }
        }
        for id in ids[9..<14] {
            _ = try await step("read") {
                try await engines.sqlite.read { db in
                    try String.fetchOne(db, sql: "SELECT handle FROM users WHERE id = ?", arguments: [id])
                }
            }
        }
        try await step("pipeline") {
            let commands = (0..<100).map { RedisCommand("GET", "stress:\($0)") }
            let replies = try await recorder.measure(.redisPipeline) { await engines.redis.pipeline(commands) }
            for reply in replies { _ = try reply.get() }
        }
        for id in ids[12..<14] {
            try await step("neighbours") {
                _ = try await recorder.measure(.graphQuery) {
                    try await engines.graph.query(
                        """
                        MATCH (:User {id: $id})-[:Follows]->(:User)-[:Follows]->(b:User) RETURN count(DISTINCT b)
                        """, ["id": id])
                }
            }
        }
        try await step("exclusive") {
            try await engines.redis.withConnection { redis in _ = try await redis.incr("stress:count") }
        }
        for id in ids.prefix(1) {
            try await step("write") {
                try await recorder.measure(.sqliteTransaction) {
                    try await engines.sqlite.write { db in
                        try db.execute(sql: "UPDATE posts SET likes = likes + 1 WHERE id = ?", arguments: [id])
                    }
                }
            }
        }
    }
}

extension LiveEngines {
    /// Acquires of all pools so far.
    fileprivate var poolCounters: PoolUse {
        let stores: [any StorePools] = [sqlite, graph, redis]
        return stores.flatMap(\.statuses).reduce(into: PoolUse()) { sum, pool in
            sum.acquired += pool.status.counters.acquired
            sum.reused += pool.status.counters.reused
        }
    }
}

private struct PoolUse {
    var acquired = 0
    var reused = 0

    func since(_ before: PoolUse) -> PoolUse {
        PoolUse(acquired: acquired - before.acquired, reused: reused - before.reused)
    }
}
