import Foundation
import Measurement
import Scenarios
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S1–S11: a user's own scenario on live engines", .serialized, .timeLimit(.minutes(10)))
struct FileRunTests {
    private func run(
        _ text: String, seed: UInt64 = 1, scale: Double = 1, folder: String? = nil, monitor: LoadMonitor = LoadMonitor()
    ) async throws -> RunResult {
        var plan = LoadPlan()
        plan.seed = seed
        plan.scale = scale
        var run = FileRun(try FileRun.scenario(text, path: "test.yaml"), plan: plan)
        run.folder = folder
        return try await run.run(command: "", monitor: monitor)
    }

    private static let shop = """
        scenario: shop
        schema:
          sqlite:
            - CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, orders INTEGER NOT NULL)
            - CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, amount REAL NOT NULL)
          graph: CREATE NODE TABLE Customer(id INT64 PRIMARY KEY, name STRING, orders INT64)
          redis: SET shop:open yes
        values:
          customer: {zipfian: {to: customers}}
        data:
          - name: customers
            count: 100
            values: {id: sequence, name: names}
            sqlite: INSERT INTO customers VALUES ($id, $name, 0)
            graph: 'UNWIND $rows AS r CREATE (:Customer {id: r.id, name: r.name, orders: 0})'
            redis: SET orders:$id 0
        operations:
          - {name: look, weight: 6, check: redis.operation, redis: GET orders:$customer, rows: 1}
          - {name: several, redis: GET orders:$customer, pipeline: 20, rows: 20}
          - name: order
            weight: 3
            check: cross.coordination
            values:
              id: sequence
              amount: {uniform: {from: 0.5, to: 100}}
            transaction:
              - sqlite: INSERT INTO orders VALUES ($id, $customer, $amount)
                rows: 1
              - {redis: INCR orders:$customer, into: orders}
              - sqlite: UPDATE customers SET orders = $orders WHERE id = $customer
                rows: 1
              - graph: MATCH (c:Customer) WHERE c.id = $customer SET c.orders = $orders RETURN c.id
                rows: 1
          - name: compare
            snapshot:
              - sqlite: SELECT orders FROM customers ORDER BY id LIMIT 10
              - graph: MATCH (c:Customer) RETURN c.orders ORDER BY c.id LIMIT 10
            same: true
        load:
          users: 6
          stages:
            - {warm-up: 100ms}
            - {ramp: 500ms, from: 1}
            - {hold: 1500ms}
        targets:
          - p99 < 10s
          - look.success = 100%
          - {target: rate > 1/s, during: hold}
          - failures = 0
        checks:
          - {name: the shop is open, redis: GET shop:open, equals: "yes"}
          - name: all stores count the same orders
            same:
              - sqlite: SELECT sum(orders) FROM customers
              - sqlite: SELECT count(*) FROM orders
              - graph: MATCH (c:Customer) RETURN CAST(sum(c.orders), 'INT64')
        """

    @Test("S1: schema, data, operations in all stores, targets and checks of a file of a user's own")
    func shop() async throws {
        let result = try await run(Self.shop)
        let scenario = try #require(result.scenarios.first)
        #expect(scenario.failureKinds == [])
        #expect(scenario.operations > 0)
        #expect(scenario.pass)
        let checks = Dictionary(uniqueKeysWithValues: result.checks.map { ($0.id, $0) })
        #expect(checks["shop: look.success = 100%"]?.verdict == .pass)
        #expect(checks["shop: rate > 1/s during hold"]?.verdict == .pass)
        #expect(checks["shop: failures = 0"]?.verdict == .pass)
        // Figures are of the same operations, whoever counts them.
        #expect(checks["shop: failures = 0"]?.samples == scenario.operations)
        #expect(checks["shop.consistency"]?.verdict == .pass)
        #expect(checks["shop.consistency"]?.samples == 2)
        // Operations that stand for a check of the requirements are judged by it, too.
        #expect(checks["redis.operation"]?.samples ?? 0 > 0)
        #expect(checks["cross.success"]?.value == 100)
        #expect(result.profile == "shop")
        #expect(result.faults == nil)
    }

    @Test("S1: with --data a second run goes on with what is there, and another scale is refused")
    func keptData() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trivet-file-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        // The orders' ids would repeat: this one only counts.
        let text = """
            scenario: counter
            schema: {sqlite: 'CREATE TABLE counts (id INTEGER PRIMARY KEY, n INTEGER)'}
            values: {id: {uniform: {to: counts}}}
            data: [{name: counts, count: 20, values: {id: sequence}, sqlite: 'INSERT INTO counts VALUES ($id, 0)'}]
            operations: [{name: count, sqlite: UPDATE counts SET n = n + 1 WHERE id = $id, rows: 1}]
            load: {users: 2, stages: [{hold: 300ms}]}
            checks: [{name: twenty rows, sqlite: SELECT count(*) FROM counts, equals: 20}]
            """
        for _ in 0..<2 { #expect(try await run(text, folder: folder.path).passed) }
        do {
            _ = try await run(text, scale: 2, folder: folder.path)
            Issue.record("it ran")
        } catch let error as PreparationError {
            #expect(error.description.contains("another --scale"))
        }
        do {
            // As many sets as before, with other rows.
            _ = try await run(text.replacing("count: 20", with: "count: 21"), folder: folder.path)
            Issue.record("it ran")
        } catch let error as PreparationError {
            #expect(error.description.contains("other data"))
        }
    }

    private func single(_ operation: String, load: String = "{users: 2, stages: [{hold: 1s}]}", more: String = "")
        -> String
    {
        "scenario: one\noperations: [{name: it, \(operation)}]\nload: \(load)\n\(more)"
    }

    @Test("S1: two pipelines of an operation that look the same have values of their own")
    func pipelines() async throws {
        let result = try await run(
            single(
                "values: {n: sequence}, steps: [{redis: SADD drawn $n, pipeline: 2}, {redis: SADD drawn $n, pipeline: 2}]",
                load: "{rate: 20, arrivals: uniform, patience: 1min, lag: 1min, stages: [{hold: 1s}]}",
                more: "checks: [{name: each once, redis: SCARD drawn, equals: 80}]"))
        #expect(result.scenarios[0].failureKinds == [])
    }

    @Test("S1: an operation that fails is counted, and fails a run that says nothing of failures")
    func failing() async throws {
        let wrong = try await run(single("sqlite: SELECT no_such_column"))
        #expect(wrong.outcome == .targetMissed)
        #expect(wrong.scenarios[0].failures == wrong.scenarios[0].operations)
        #expect(wrong.scenarios[0].failureKinds.first?.description.hasPrefix("it: ") == true)
        #expect(wrong.checks.contains { $0.id == "one: success >= 99%" && $0.verdict == .fail })
        let missing = try await run(single("redis: GET nothing, rows: 1"))
        #expect(missing.scenarios[0].failureKinds.first?.description.contains("0 rows and should have = 1") == true)
        // The number of rows is this statement's, and not that of the changes before it.
        let stale = try await run(
            single(
                "transaction: [{sqlite: INSERT INTO t VALUES (1)}, {sqlite: SELECT 1 FROM t WHERE n < 0, rows: 1}]",
                more: "schema: {sqlite: CREATE TABLE t (n INTEGER)}"))
        #expect(stale.scenarios[0].failureKinds.first?.description.contains("0 rows and should have = 1") == true)
        let differing = try await run(
            single("same: true, steps: [{sqlite: SELECT 1}, {graph: RETURN 2}]", more: "targets: [success = 100%]"))
        #expect(differing.scenarios[0].failureKinds.first?.description == "it: the answers differ: 1, and 2")
    }

    @Test("§6: a check that does not hold is status 4, above missed targets")
    func inconsistent() async throws {
        let result = try await run(
            single(
                "redis: INCR n",
                more: "checks: [{name: nothing is counted, redis: GET n, equals: 0}]\ntargets: [p50 < 1us]"))
        #expect(result.outcome == .inconsistent)
        #expect(result.scenarios[0].failureKinds.contains { $0.description.hasPrefix("nothing is counted: it is \"") })
    }

    @Test("S3: operations at a rate come at it, are dropped where there is no room, and all are accounted for")
    func rate() async throws {
        let even = try await run(
            single(
                "redis: SET a 1",
                load:
                    "{rate: 200, arrivals: uniform, patience: 1min, lag: 1min, stages: [{warm-up: 100ms}, {hold: 1s}]}",
                more: "targets: [failures = 0]"))
        let stream = try #require(even.scenarios[0].streams?.first)
        #expect(stream.due == 200)
        #expect(stream.succeeded == 200)
        // One place, and each takes a fifth of a second.
        let crowded = try await run(
            single(
                "graph: 'UNWIND range(1, 3000000) AS n RETURN sum(n * n % 7)'",
                load: "{rate: 100, places: 1, patience: 50ms, lag: 1min, stages: [{hold: 1s}]}",
                more: "targets: [dropped = 0]"))
        let dropped = try #require(crowded.scenarios[0].streams?.first)
        #expect(dropped.dropped > 0)
        #expect(dropped.succeeded + dropped.failed + dropped.dropped == dropped.due)
        let check = try #require(crowded.checks.first { $0.id == "one: dropped = 0" })
        #expect(check.verdict == .fail && Int(check.value) == dropped.dropped)
    }

    @Test("§6: a load generator that was late itself makes a run inconclusive, status 7")
    func saturated() async throws {
        let result = try await run(
            single(
                "redis: SET a 1", load: "{rate: 500, lag: 1us, stages: [{hold: 1s}]}",
                more: "targets: [p50 < 1us, success = 100%]"))
        #expect(result.outcome == .inconclusive)
        #expect(result.checks.allSatisfy { $0.verdict == .inconclusive })
        #expect(result.scenarios[0].failureKinds.contains { $0.description.contains("load generator itself") })
    }

    @Test("§5: a target that is missed ends the run when the file says so")
    func abort() async throws {
        let start = ContinuousClock.now
        let result = try await run(
            single(
                "sqlite: SELECT nothing", load: "{users: 1, stages: [{hold: 10min}]}",
                more: "targets: [{target: failures < 5, abort: true}]"))
        #expect(ContinuousClock.now - start < .seconds(120))
        #expect(result.outcome == .targetMissed)
        #expect(!result.interrupted)
        #expect(result.scenarios[0].failureKinds.contains { $0.description.contains("ended early") })
    }

    @Test("§6: a run that is stopped has its figures until then")
    func stopped() async throws {
        let monitor = LoadMonitor()
        async let running = run(
            single("redis: SET a 1", load: "{users: 1, stages: [{hold: 10min}]}"), monitor: monitor)
        while monitor.operations < 10 { try await Task.sleep(for: .milliseconds(5)) }
        monitor.stop()
        let result = try await running
        #expect(result.outcome == .interrupted)
        #expect(result.scenarios[0].operations >= 10)
    }

    @Test("§5: a schema that fails says which statement")
    func schema() async throws {
        do {
            _ = try await run(single("redis: SET a 1", more: "schema: {sqlite: [SELECT 1, CREATE TABEL t]}"))
            Issue.record("it ran")
        } catch let error as PreparationError {
            #expect(error.description.hasPrefix("one: the schema's statement 2 for SQLite failed: "))
        }
    }

    @Test("S1–S9: the scenarios that come with Trivet are files that are right")
    func builtIn() throws {
        for (name, text) in BuiltInFiles.all {
            let file = try FileRun.scenario(text, path: "\(name).yaml")
            #expect(file.id == name)
        }
    }
}
