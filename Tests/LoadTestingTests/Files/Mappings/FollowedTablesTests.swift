import Foundation
import GRDB
import Measurement
import Reporting
import Scenarios
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S3: Redis follows the tables of a file's mappings under load", .serialized, .timeLimit(.minutes(5)))
struct FollowedTablesTests {
    /// More updates than the built-in scenario's, so that a second has enough of them.
    private func text(value: String = "json: [id, price, version]", look: String = "GET product:$id", more: String = "")
        -> String
    {
        """
        scenario: follow
        schema:
          sqlite: CREATE TABLE products (id INTEGER PRIMARY KEY, price INTEGER NOT NULL, version INTEGER NOT NULL)
        values: {id: {uniform: {to: products}}}
        data:
          - {name: products, count: 200, values: {id: sequence}, sqlite: 'INSERT INTO products VALUES ($id, 100, 0)'}
        mappings:
          - {table: products, key: 'product:{id}', \(value), version: version, check: cache.lag}
        operations:
          - {name: look, weight: 100, redis: '\(look)', rows: '>= 1'}
          - name: average
            weight: 20
            sqlite: SELECT avg(price) FROM products
            cached: average
            expiry: 50ms
            rows: 1
          - name: update
            weight: 300
            check: sqlite.transaction
            sqlite: UPDATE products SET price = price + 1, version = version + 1 WHERE id = $id RETURNING id, version
            rows: 1
            lag: products
          - name: strange
            weight: 100
            sqlite: UPDATE products SET price = price + 1, version = version + 1 WHERE id = $id RETURNING id, version
            outside: true
            rows: 1
            lag: products
        load: {rate: 520, patience: 1min, lag: 1min, stages: [{warm-up: 100ms}, {hold: 1s}]}
        targets: [cache.lag < 10min, strange.cache.lag.p50 < 10min, success >= 0%]
        \(more)
        """
    }

    private func run(
        _ text: String, on engines: LiveEngines, monitor: LoadMonitor = LoadMonitor()
    ) async throws -> (outcome: ScenarioOutcome, checks: [String: CheckResult]) {
        let scenario = FileScenario(file: try FileRun.scenario(text, path: "follow.yaml"))
        let stage = Stage(
            engines: engines, data: SeedData(scale: 0.1), ids: JourneyIDs(after: 0), plan: scenario.plan(LoadPlan()),
            monitor: monitor)
        let outcome = try await scenario.run(stage)
        return (outcome, Dictionary(uniqueKeysWithValues: outcome.figures.map { ($0.id, $0) }))
    }

    @Test(
        "S3, T7: every update is seen in Redis, also those of a connection that Trivet has not opened",
        arguments: [
            ("json: [id, price, version]", "GET product:$id"), ("hash: [price, version]", "HGETALL product:$id"),
            ("string: version", "GET product:$id"),
        ])
    func follows(value: String, look: String) async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            let (outcome, checks) = try await run(text(value: value, look: look), on: engines)
            #expect(outcome.result.failureKinds == [])
            let lag = try #require(checks["cache.lag"])
            #expect(lag.endless == nil && lag.samples > 299)
            #expect(try #require(lag.percentiles).p50 > 0 && (lag.resolution ?? 0) > 0)
            // The file's own targets are about the same changes, all of them and one operation's.
            let own = try #require(checks["follow: cache.lag < 10min"])
            #expect(own.verdict == .pass && own.samples == lag.samples && own.endless == nil)
            let strange = try #require(checks["follow: strange.cache.lag.p50 < 10min"])
            #expect(strange.verdict == .pass && strange.samples > 0)
            // The pool's own updates are samples of its commits; the others are the other program's.
            let commits = try #require(outcome.latencies[.sqliteTransaction]).count
            #expect(commits > 0 && commits + strange.samples == lag.samples)
            let agreement = try #require(outcome.agreement)
            #expect(agreement.same == agreement.compared && agreement.compared >= 200)
            #expect(checks["follow.consistency"]?.verdict == .pass)
        }
    }

    @Test("S3, T7: when changes are noted no longer in mid-run, lag is endless, and the check and the comparison fail")
    func unnoted() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            let monitor = LoadMonitor()
            let breaker = Task {
                while monitor.operations < 50 { try await Task.sleep(for: .milliseconds(5)) }
                // As with a program that turns triggers off.
                try await engines.sqlite.write { database in
                    try database.execute(
                        sql: "CREATE TRIGGER no_notes BEFORE INSERT ON trivet_changes BEGIN SELECT raise(IGNORE); END")
                }
            }
            let (outcome, checks) = try await run(text(), on: engines, monitor: monitor)
            try await breaker.value
            let lag = try #require(checks["cache.lag"])
            #expect(lag.verdict == .fail && (lag.endless ?? 0) > 50)
            #expect(checks["follow: cache.lag < 10min"]?.verdict == .fail)
            #expect(checks["follow: cache.lag < 10min"]?.endless == lag.endless)
            #expect(!outcome.result.pass)
            #expect(outcome.result.failureKinds.contains { $0.description.contains("never seen") })
            let agreement = try #require(outcome.agreement)
            #expect(agreement.same < agreement.compared && agreement.difference != nil)
            #expect(checks["follow.consistency"]?.verdict == .fail)
            let result = RunResult(
                profile: "follow", seed: 1, seconds: 1, engines: engines.versions, checks: [lag],
                scenarios: [outcome.result], passed: false, interrupted: false, command: "")
            #expect(result.outcome == .targetMissed)
            let text = SummaryTable(style: TerminalStyle(hasColor: false)).render(result)
            #expect(text.contains("∞ ms") && text.contains("never)") && text.contains("follow: "))
            let document = try JSONDecoder().decode(RunResult.self, from: Data(try JSONReport.render(result).utf8))
            #expect(document == result)
        }
    }

    @Test(
        "S3, S9, T7: when Redis comes back empty its keys are made anew, and changes meanwhile are seen late, not never"
    )
    func restartEmpty() async throws {
        let faults = """
            faults: [{fault: redis.restart-empty, at: 300ms}]
            recovered: [success >= 95%]
            """
        let longer = text(more: faults).replacing("{hold: 1s}", with: "{hold: 4s}")
        let file = try FileRun.scenario(longer, path: "follow.yaml")
        let result = try await FileRun(file, plan: LoadPlan()).run(command: "", monitor: LoadMonitor())
        #expect(result.faults?.map(\.kind) == ["restart-empty"])
        let lag = try #require(result.checks.first { $0.id == "cache.lag" })
        #expect(lag.endless == nil && lag.samples > 299)
        // All keys are there again, also those of rows that nobody has changed since.
        #expect(result.checks.first { $0.id == "follow.consistency" }?.verdict == .pass)
        // Whoever asked meanwhile was told so, and that is counted.
        #expect(result.scenarios[0].failures > 0)
    }

    @Test("§5: a mapping that doesn't fit the table, and rows without what tells the change, say so")
    func misfits() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            do {
                _ = try await run(text().replacing("json: [id, price,", with: "json: [id, prise,"), on: engines)
                Issue.record("it ran")
            } catch {
                #expect("\(error)".contains("prise"), "\(error)")
            }
        }
        try await LiveEngines.withEngines(folder: nil) { engines in
            let text = text().replacing("RETURNING id, version", with: "RETURNING id")
            let (outcome, checks) = try await run(text, on: engines)
            #expect(outcome.result.failureKinds.contains { $0.description.contains("RETURNING id, version") })
            // What is not measured is no lag of nothing.
            #expect(checks["cache.lag"]?.verdict == .inconclusive)
        }
    }
}
