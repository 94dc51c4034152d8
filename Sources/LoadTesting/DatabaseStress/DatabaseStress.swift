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
        "50 users on all pools at once, after 180 that hold 50 Kùzu, 100 Redis and 30 SQLite connections at one moment"

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        stage.monitor.prepare("connections")
        let figures = try await Muster(engines: stage.engines).run()
        let before = stage.engines.poolCounters
        var plan = stage.plan
        plan.requestedSteady = plan.steady
        plan.requestedUsers = plan.users
        let load = Stage(
            engines: stage.engines, data: stage.data, ids: stage.ids, plan: plan, monitor: stage.monitor)
        // The load is a file; that so many connections are held at one moment is what a file can't say.
        var outcome = try await BuiltInFiles.scenario(Self.id).run(load)
        let reuse = stage.engines.poolCounters.since(before)
        outcome.figures += figures + [CheckResult(.poolReuse, succeeded: reuse.reused, of: reuse.acquired)]
        return outcome
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
