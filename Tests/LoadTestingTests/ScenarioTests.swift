import Measurement
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("Scenarios on live engines, in a very short form", .timeLimit(.minutes(5)))
struct ScenarioTests {
    private func run(_ scenario: String, users: Int, monitor: LoadMonitor = LoadMonitor()) async throws -> RunResult {
        var plan = LoadPlan()
        plan.requestedUsers = users
        plan.requestedSteady = .milliseconds(900)
        plan.warmUp = .milliseconds(50)
        plan.scale = 0.1
        return try await ScenarioRun(plan: plan).run(profile: scenario, command: "", monitor: monitor)
    }

    @Test("S10: each pool is created, used again, exhausted, leaked from, expired and cleaned up")
    func poolLifecycle() async throws {
        let result = try await run("pool-lifecycle", users: 1)
        #expect(result.scenarios[0].failureKinds == [])
        #expect(result.scenarios[0].operations >= 21, "seven steps in each of three pools")
    }

    @Test("P8, S1: 50 Kùzu, 100 Redis and 30 SQLite connections are in use at one moment, and used again under load")
    func databaseStress() async throws {
        let monitor = LoadMonitor()
        let result = try await run("database-stress", users: 20, monitor: monitor)
        // Those who look on are told what a scenario came to, and not only what it was when they looked last.
        #expect(monitor.board.result?.checks.contains { $0.id == "graph.connections" } == true)
        // The pools were looked at.
        #expect(Set(monitor.pools.map(\.store)) == ["sqlite", "graph", "redis"])
        let checks = Dictionary(uniqueKeysWithValues: result.checks.map { ($0.id, $0) })
        for id in ["graph.connections", "redis.connections", "sqlite.connections"] { #expect(checks[id]?.pass == true) }
        for id in ["graph.memoryPerConnection", "redis.memoryPerConnection", "sqlite.memoryPerConnection"] {
            #expect(checks[id]?.pass == true)
        }
        #expect((checks["pool.reuse"]?.value ?? 0) > 95)
        // M3: what this process and its redis-server held and used meanwhile.
        let processes = try #require(result.scenarios[0].processes)
        #expect(processes.map(\.name) == ["trivet", "redis-server"])
        #expect(processes.allSatisfy { $0.memory.least > 0 && $0.memory.most >= $0.memory.last && $0.growth == nil })
        let timeline = try #require(result.scenarios[0].timeline)
        #expect(timeline.operations.reduce(0, +) <= result.scenarios[0].operations)
        #expect(result.scenarios[0].pass)
    }

    @Test("S2: transactions over three stores at the same accounts lose nothing and tear nothing")
    func crossDatabase() async throws {
        let result = try await run("cross-database", users: 8)
        #expect(result.scenarios[0].failureKinds == [])
        #expect(result.checks.first { $0.id == "cross.consistency" }?.value == 100)
    }

    @Test("S7: failures at every step leave nothing partial, and Redis catches up after an outage")
    func rollback() async throws {
        let result = try await run("rollback", users: 4)
        #expect(result.scenarios[0].failureKinds == [])
        #expect(result.checks.first { $0.id == "recovery" }?.pass == true)
        // What was broken, and when: the load's failures from its beginning, then Redis.
        let faults = try #require(result.faults)
        #expect(faults.map(\.kind) == ["failure at every step", "kill"])
        #expect(faults.map(\.store) == [nil, "redis"])
        let steady = try #require(result.scenarios[0].start)
        #expect(faults[0].start <= steady && (faults[0].end ?? 0) > steady)
        #expect(faults[1].start >= faults[0].end ?? .infinity && (faults[1].end ?? 0) > faults[1].start)
    }

    @Test("S7: a balance that differs between the stores is named")
    func tornBalance() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            let accounts = Accounts(engines: engines)
            try await accounts.prepare()
            #expect(try await accounts.check() == nil)
            try await engines.redis.set("account:3", 7)
            let finding = try #require(try await accounts.check())
            #expect(finding.contains("account 3") && finding.contains("Redis 7"))
        }
    }
}
