import Foundation
import LocalEngines
import Scenarios
import Testing

@testable import LoadTesting

@Suite("S9: faults of the process that has the stores open", .serialized, .timeLimit(.minutes(5)))
struct WorkerFaultTests {
    /// A load whose sequence is a primary key: whoever began it anew would fail.
    private func run(_ faults: String, hold: String = "10s", data: String? = nil) async throws -> RunResult {
        let text = """
            scenario: worker
            schema:
              sqlite: CREATE TABLE sales (id INTEGER PRIMARY KEY, n INTEGER)
              graph: CREATE NODE TABLE Sale(id INT64 PRIMARY KEY, n INT64)
            data:
              - {name: first, count: 10, fixed: true, values: {id: {sequence: {from: -9}}}, sqlite: 'INSERT INTO sales VALUES (-$id - 100, 0)'}
            values: {id: sequence}
            operations:
              - {name: get, weight: 2, redis: GET sold}
              - {name: many, redis: GET sold, pipeline: 5, rows: 5}
              - name: sell
                weight: 3
                transaction:
                  timeLimit: 20s
                  steps:
                    - {redis: INCR sold, into: n}
                    - sqlite: INSERT INTO sales VALUES ($id, $n)
                    - graph: "CREATE (:Sale {id: $id, n: CAST($n, 'INT64')})"
            load: {rate: 40, places: 64, patience: 20s, lag: 1min, stages: [{warm-up: 300ms}, {hold: \(hold)}]}
            faults: [\(faults)]
            recovered: [success >= 95%]
            targets: [recovery < 1min, success >= 0%, {target: success > 99%, during: steady}]
            checks:
              - name: SQLite and the graph agree
                same:
                  - sqlite: SELECT id, n FROM sales WHERE n > 0 ORDER BY id
                  - graph: MATCH (s:Sale) RETURN s.id, s.n ORDER BY s.id
              - name: Redis has counted each
                same:
                  - sqlite: SELECT count(*) FROM sales WHERE n > 0
                  - redis: GET sold
            """
        var run = FileRun(try ScenarioFile(text, path: "worker.yaml", checks: []), plan: LoadPlan())
        run.tool = try TrivetTool.path.string
        run.folder = data
        return try await run.run(command: "", monitor: LoadMonitor())
    }

    @Test("S9, T5: the worker is killed and started again, recovers, and the stores agree")
    func killed() async throws {
        let result = try await run("{fault: worker.kill, at: 1s, for: 500ms}")
        let window = try #require(result.faults?.first)
        #expect(window.store == "worker" && window.kind == "kill" && (window.end ?? -1) > window.start)
        #expect(result.scenarios[0].failures > 0, "nobody noticed")
        let kinds = result.scenarios[0].failureKinds.map(\.description)
        #expect(kinds.allSatisfy { $0.contains("the worker is not there") || $0.contains("dropped") }, "\(kinds)")
        #expect(result.checks.first { $0.id == "worker: recovery < 1min" }?.verdict == .pass)
        #expect(result.checks.first { $0.id == "worker.consistency" }?.verdict == .pass)
        #expect(result.checks.first { $0.id == "worker: success > 99% during steady" }?.verdict == .pass)
        #expect(result.scenarios[0].processes?.map(\.name) == ["trivet", "worker", "redis-server"])
    }

    @Test("S9, T5: a worker that is not back when the load ends is waited for, and the stores are looked at then")
    func killedAtTheEnd() async throws {
        let result = try await run("{fault: worker.kill, at: 5s, for: 990ms}")
        #expect(
            result.checks.first { $0.id == "worker.consistency" }?.verdict == .pass,
            "\(result.scenarios[0].failureKinds)")
    }

    @Test("S9: without room on the worker's disk nothing half-way happens, and afterwards it goes on")
    func diskFull() async throws {
        let result = try await run("{fault: worker.disk-full, at: 1s, for: 1s}")
        #expect(result.faults?.map(\.kind) == ["disk-full"])
        #expect(result.scenarios[0].failures > 0, "nobody noticed")
        #expect(!result.scenarios[0].failureKinds.contains { $0.description.contains("could not be") })
        #expect(
            result.checks.first { $0.id == "worker: recovery < 1min" }?.verdict == .pass,
            "\(result.scenarios[0].failureKinds)")
        #expect(
            result.checks.first { $0.id == "worker.consistency" }?.verdict == .pass,
            "\(result.scenarios[0].failureKinds)")
    }

    @Test(
        "S9: while the graph's log can't become longer, what is decided waits for it, and afterwards it has everything")
    func graphFull() async throws {
        let result = try await run("{fault: graph.full, at: 1s, for: 1500ms}", hold: "12s")
        #expect(result.faults?.map(\.kind) == ["full"] && result.faults?.map(\.store) == ["graph"])
        let kinds = result.scenarios[0].failureKinds.map(\.description)
        #expect(result.scenarios[0].failures > 0, "nobody noticed")
        #expect(!kinds.contains { $0.contains("could not be") }, "\(kinds)")
        #expect(result.checks.first { $0.id == "worker: recovery < 1min" }?.verdict == .pass, "\(kinds)")
        #expect(result.checks.first { $0.id == "worker.consistency" }?.verdict == .pass, "\(kinds)")
    }

    @Test("S9: other faults go on in a worker as here, and it may be killed while one lasts")
    func together() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let result = try await run(
                """
                {fault: sqlite.full, at: 500ms, for: 500ms}, {fault: redis.latency, at: 500ms, for: 500ms, delay: 5ms},
                {fault: sqlite.busy, at: 1500ms, for: 1500ms}, {fault: worker.kill, at: 2s, for: 300ms}
                """, hold: "8s", data: folder.path(of: "data"))
            #expect(result.faults?.count == 4)
            #expect(!result.scenarios[0].failureKinds.contains { $0.description.contains("could not be") })
            #expect(result.checks.first { $0.id == "worker: recovery < 1min" }?.verdict == .pass)
            #expect(result.checks.first { $0.id == "worker.consistency" }?.verdict == .pass)
            // What it leaves is a folder like others.
            let recovered = try await TrivetTool.run(["recover", "--data", folder.path(of: "data")])
            #expect(recovered.status == 0, "\(recovered.output)\(recovered.errors)")
        }
    }

    @Test("S9: a run that is killed leaves no worker; Ctrl-C ends it in good order")
    func ended() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            let killed = try await TrivetTool.run(
                ["run", "worker", "--duration", "60", "--data", data], signalAfter: ("steady", .kill))
            #expect(killed.status == 128 + 9)
            let limit = ContinuousClock.now + .seconds(20)
            while try !workers(in: data).isEmpty, ContinuousClock.now < limit {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try workers(in: data) == [])
            let other = folder.path(of: "other")
            let interrupted = try await TrivetTool.run(
                ["run", "worker", "--duration", "60", "--data", other], signalAfter: ("steady", .interrupt))
            #expect(interrupted.status == 130, "\(interrupted.errors)")
            #expect(interrupted.output.contains("Interrupted"))
            #expect(try workers(in: other) == [])
        }
    }

    /// Command lines of the workers on a folder's stores, beside which other tests have theirs; on Linux, where they can be read.
    private func workers(in folder: String) throws -> [String] {
        let tool = try TrivetTool.path.string
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.filter { Int($0) != nil }.compactMap { number in
            let line = (try? String(contentsOfFile: "/proc/\(number)/cmdline", encoding: .utf8)) ?? ""
            return line.hasPrefix(tool) && line.contains("worker-process") && line.contains(folder) ? line : nil
        }
    }

    @Test("S9: a worker that can't open its stores ends the run, and says why")
    func broken() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try DataFolder.claim(folder.path, adopts: false)
            try Data("no graph at all".utf8).write(to: URL(fileURLWithPath: folder.path(of: "graph.db")))
            do {
                _ = try await run("{fault: worker.kill, at: 1s, for: 500ms}", data: folder.path)
                Issue.record("it ran")
            } catch {
                #expect("\(error)".contains("graph.db"), "\(error)")
            }
        }
    }
}
