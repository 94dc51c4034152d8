import Measurement
import Scenarios
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S9: faults on live engines, each healed", .serialized, .timeLimit(.minutes(10)))
struct FaultRunTests {
    /// An operation of each store and one over all, with one fault in the middle.
    ///
    /// - Parameter patience: how long an operation may take. Where a machine that is busy with other tests must not be taken for a store
    ///   that has not recovered, longer than it needs.
    private func run(_ fault: String, hold: String = "6s", patience: String = "20s") async throws -> RunResult {
        let text = """
            scenario: broken
            schema:
              sqlite: CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, text TEXT)
              graph: CREATE NODE TABLE T(id INT64 PRIMARY KEY, n INT64)
            data:
              - name: rows
                count: 20
                values: {id: sequence}
                sqlite: INSERT INTO t VALUES ($id, 0, '')
                graph: 'CREATE (:T {id: $id, n: 0})'
                redis: SET t:$id 0
            values: {id: {uniform: {to: rows}}}
            operations:
              - {name: get, weight: 3, redis: GET t:$id}
              - name: all
                weight: 2
                transaction:
                  timeLimit: \(patience)
                  steps:
                    - {redis: INCR t:$id, into: n}
                    - sqlite: UPDATE t SET n = $n, text = hex(randomblob(2000)) WHERE id = $id
                    - graph: 'MATCH (t:T {id: $id}) SET t.n = $n'
            load: {rate: 30, places: 64, patience: \(patience), lag: 1min, stages: [{warm-up: 300ms}, {hold: \(hold)}]}
            faults: [\(fault)]
            recovered: [success >= 95%]
            targets: [recovery < 1min, success >= 0%]
            checks:
              - name: SQLite and the graph agree
                same:
                  - sqlite: SELECT n FROM t ORDER BY id
                  - graph: MATCH (t:T) RETURN t.n ORDER BY t.id
            """
        let file = try ScenarioFile(text, path: "broken.yaml", checks: [])
        return try await FileRun(file, plan: LoadPlan()).run(command: "", monitor: LoadMonitor())
    }

    @Test(
        "S9: the stores recover from it, agree, and its window is in the result",
        arguments: [
            "{fault: redis.latency, at: 500ms, for: 800ms, delay: 30ms, jitter: 10ms}",
            "{fault: redis.bandwidth, at: 500ms, for: 800ms, rate: 5KB/s}",
            "{fault: redis.slice, at: 500ms, for: 800ms, bytes: 4}", "{fault: redis.reset, at: 500ms, for: 800ms}",
            "{fault: redis.refuse, at: 500ms, for: 800ms}", "{fault: redis.blackhole, at: 500ms, for: 800ms}",
            "{fault: redis.drop, at: 500ms, for: 800ms}", "{fault: redis.kill, at: 500ms, for: 800ms}",
            "{fault: redis.freeze, at: 500ms, for: 800ms}", "{fault: redis.restart, at: 500ms}",
            "{fault: redis.restart-empty, at: 500ms}",
            "{fault: sqlite.busy, at: 500ms, for: 800ms}", "{fault: sqlite.full, at: 500ms, for: 800ms}",
            "{fault: graph.reader, at: 500ms, for: 800ms}",
        ])
    func recovers(fault: String) async throws {
        let result = try await run(fault)
        let window = try #require(result.faults?.first)
        #expect(result.faults?.count == 1)
        #expect(fault.contains("\(window.store ?? "").\(window.kind),"))
        #expect((window.end ?? -1) >= window.start)
        let recovery = try #require(result.checks.first { $0.id == "broken: recovery < 1min" })
        #expect(recovery.verdict == .pass, "\(result.scenarios[0].failureKinds)")
        #expect(recovery.samples == 1)
        #expect(result.checks.first { $0.id == "broken.consistency" }?.verdict == .pass)
        #expect(!result.scenarios[0].failureKinds.contains { $0.description.contains("could not be") })
    }

    @Test("S9: a fault is felt: what it breaks fails while it lasts")
    func felt() async throws {
        let killed = try await run("{fault: redis.kill, at: 500ms, for: 1500ms}", hold: "5s", patience: "1s")
        #expect(killed.scenarios[0].failures > 0)
        let full = try await run("{fault: sqlite.full, at: 500ms, for: 1500ms}", hold: "5s", patience: "1s")
        #expect(full.scenarios[0].failures > 0 || full.scenarios[0].failureKinds.isEmpty == false)
    }
}
