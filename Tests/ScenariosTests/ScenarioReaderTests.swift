import Foundation
import Testing

@testable import Scenarios

@Suite("S1–S11: a scenario's file is read into plain values")
struct ScenarioReaderTests {
    @Test("S1: every part of the format arrives")
    func whole() throws {
        let file = try SampleFiles.read(SampleFiles.shop)
        #expect(file.id == "shop")
        #expect(file.summary == "orders of a small shop")
        #expect(file.schema.sqlite.count == 2)
        #expect(file.schema.graph == ["CREATE NODE TABLE Customer(id INT64 PRIMARY KEY, name STRING)"])
        #expect(file.schema.redis.map(\.name) == ["SET"])
        #expect(
            file.values == [
                ValueDefinition(
                    name: "customer", generator: .zipfian(from: .number(1), to: .count(of: "customers"), exponent: 1.1))
            ])
        let set = try #require(file.data.first)
        #expect(set.count(scale: 0.5) == 100)
        #expect(set.values.map(\.generator) == [.sequence(from: 1, step: 1), .names(.full)])
        #expect(set.sqlite?.parameters == ["id", "name"])
        #expect(set.graph?.parameters == ["rows"])
        #expect(file.operations.map(\.name) == ["look", "order", "compare"])
        #expect(file.operations.map(\.weight) == [8, 2, 1])
        #expect(file.operations[0].steps.first?.rows == .init(comparison: .equal, count: 1))
        let order = file.operations[1]
        #expect(order.check == "cross.coordination")
        #expect(
            order.kind
                == .transaction(
                    .init(isolation: .snapshot, priority: .high, timeLimit: .seconds(5), attempts: 3)))
        #expect(order.steps.count == 4)
        #expect(order.steps[1].result == "orders")
        #expect(order.steps[2].statement.parameters == ["customer", "amount", "orders"])
        #expect(order.steps[3].rows == .init(comparison: .atLeast, count: 1))
        #expect(file.operations[2].kind == .snapshot)
        #expect(file.operations[2].isSame)
        guard case .rate(let open) = file.load.model else {
            Issue.record("no rate")
            return
        }
        #expect(open.rate == 100)
        #expect(open.spacing == .uniform)
        #expect(open.places == 32)
        #expect(open.patience == .milliseconds(500))
        #expect(open.mostLag == .milliseconds(20))
        #expect(
            file.load.stages == [
                StageDefinition(kind: .warmUp, name: "warm-up", length: .seconds(2), from: 100, to: 100),
                StageDefinition(kind: .ramp, name: "ramp", length: .seconds(5), from: 10, to: 100),
                StageDefinition(kind: .hold, name: "hold", length: .seconds(20), from: 100, to: 100),
                StageDefinition(kind: .spike, name: "spike", length: .seconds(2), from: 400, to: 400),
                StageDefinition(kind: .hold, name: "calm", length: .seconds(10), from: 100, to: 100),
            ])
        #expect(file.load.quick.map(\.length) == [.seconds(1), .seconds(3)])
        #expect(
            file.faults == [
                FaultDefinition(
                    kind: .redisLatency(delay: .milliseconds(20), jitter: .milliseconds(5)), start: .seconds(8),
                    length: .seconds(2)),
                FaultDefinition(kind: .redisRestart(isEmpty: true), start: .seconds(20), length: .zero),
            ])
        #expect(
            file.targets.map(\.text) == [
                "p99 < 50ms", "order.success >= 99 %", "look.p99.9 < 0.1s during calm",
                "failures <= 3 during steady", "rate > 50/s in each 2s", "recovery < 10s",
            ])
        #expect(file.targets.map(\.aborts) == [false, false, false, true, false, false])
        #expect(file.recovered.map(\.metric) == [.success])
        #expect(file.checks.map(\.name) == ["the shop is open", "both have the customers"])
        #expect(
            file.checks[0].condition
                == .equals(.redis([RedisCommandText("GET shop:open")].compactMap { $0 }), .text("yes")))
    }

    @Test("S1: what has no short form is the same in the quick profile")
    func withoutQuick() throws {
        let load = try SampleFiles.read(SampleFiles.small()).load
        #expect(load.quick == load.stages)
        #expect(load.model == .users(1, think: .zero))
    }

    @Test("§5: all problems are told at once, in the file's order, each with its line and column and the nearest name")
    func allAtOnce() {
        let text = """
            scenario: shop
            operatons: []
            operations:
              - name: look
                redis: GET customer:$custmer
                weigth: 2
              - name: order
                transaction:
                  - sqlite: >
                      INSERT INTO orders
                      VALUES ($id, $amont)
                  - redis: LPUSH orders 1
                values: {id: {sequense: 1}, amount: {uniform: {from: 9, to: 1}}}
            load:
              rate: 10
              stages:
                - {warmup: 5s}
                - {hold: 10}
            targets:
              - p99 < 50
              - ordr.p99 < 5ms
            """
        #expect(
            SampleFiles.problems(text) == [
                "shop.yaml:2:1: a scenario has no \"operatons\"; did you mean \"operations\"?",
                "shop.yaml:5:25: there is no value \"custmer\"",
                "shop.yaml:6:5: an operation has no \"weigth\"; did you mean \"weight\"?",
                "shop.yaml:11:24: there is no value \"amont\"; did you mean \"amount\"?",
                "shop.yaml:12:16: a transaction has no LPUSH; there are: \(CoordinatedCommand.names.joined(separator: ", "))",
                "shop.yaml:13:19: there is no generator \"sequense\"; did you mean \"sequence\"?; a text that stands for "
                    + "itself is written in quotes",
                "shop.yaml:13:51: \"from\" is more than \"to\"",
                "shop.yaml:17:8: a stage has no \"warmup\"; did you mean \"warm-up\"?",
                "shop.yaml:18:14: \"hold\" is a duration such as 250ms, 5s or 2min, not \"10\"; say the unit, as in 10s",
                "shop.yaml:20:11: \"50\" is no duration such as 50ms; say the unit, as in 50s",
                "shop.yaml:21:5: there is no operation \"ordr\"; did you mean \"order\"?",
            ])
    }

    @Test(
        "§5: each mistake is named",
        arguments: [
            (
                "faults: [{fault: redis.frezze, at: 1ms, for: 1ms}]",
                "there is no fault \"redis.frezze\"; did you mean \"redis.freeze\"?"
            ),
            (
                "faults: [{fault: redis.latency, at: 1ms, for: 1ms}]",
                "the fault redis.latency needs \"delay\": How much later."
            ),
            ("faults: [{fault: redis.restart, at: 1ms, for: 1ms}]", "the fault redis.restart has no \"for\""),
            (
                "faults: [{fault: redis.bandwidth, at: 1ms, for: 1ms, rate: 5}]",
                "\"rate\" is a number of bytes a second such as 100KB/s, not \"5\""
            ),
            (
                "faults: [{fault: sqlite.busy, at: 500ms, for: 500ms}]",
                "the fault ends 1s after the warm-up, and the load lasts 1s: recovery needs time too"
            ),
            ("faults: [{at: 1s}]", "a fault needs \"fault\": its kind"),
            ("targets: [recovery < 10s]", "recovery needs faults to recover from"),
            ("targets: [lag.p99 < 10ms]", "only a load with a \"rate\" has a lag"),
            ("targets: [p99 ~ 10ms]", "has no <, <=, >, >= or ="),
            (
                "targets: [{target: p99 < 10ms, during: holt}]",
                "there is no stage \"holt\" that is counted; did you mean \"hold\"?"
            ),
            ("targets: [{target: p99 < 10ms, abort: 1}]", "\"abort\" is true or false, not \"1\""),
            ("checks: [{name: a, redis: GET a}]", "needs \"equals\""),
            ("checks: [{name: a, same: [{redis: GET a}]}]", "\"same\" compares two statements or more"),
            ("data: [{name: a, count: 1}]", "a data set needs \"sqlite\", \"graph\" or \"redis\""),
            ("data: [{name: a, redis: SET a 1}]", "a data set needs one of \"count\", \"rows\""),
            (
                "data: [{name: a, count: 1, rows: {csv: a.csv}, redis: SET a 1}]",
                "a data set has only one of \"count\", \"rows\""
            ),
            ("data: [{name: a, count: 0, redis: SET a 1}]", "\"count\" is 0; it has to be 1 or more"),
            (
                "data: [{name: a, rows: {csv: no-such-file.csv}, redis: SET a 1}]",
                "no-such-file.csv can't be read: No such file or directory"
            ),
            (
                "data: [{name: a, count: 1, redis: SET a 1}, {name: a, count: 1, redis: SET a 1}]",
                "there is another data set \"a\" before this one"
            ),
            ("values: {1a: 2}", "a value's name has letters, digits and _ only"),
            ("values: {a: {text: x-$b}, b: 1}", "there is no value \"b\""),
            ("values: {a: nmaes}", "there is no generator \"nmaes\"; did you mean \"names\"?"),
            ("values: {a: {uniform: {to: custmers}}}", "there is no data set \"custmers\""),
            ("values: {a: {uniform: 5}}", "uniform is a mapping of names to values, not \"5\""),
            ("values: {a: {choice: []}}", "\"choice\" has nothing to choose from"),
            ("values: {a: {choice: {of: [1, 2], weights: [1]}}}", "\"choice\" has 2 values and 1 weights"),
            ("summary: [a]", "\"summary\" is a text, not a list"),
            ("schema: 5", "schema is a mapping of names to values, not \"5\""),
            ("schema: {redis: \"SET a 'b\"}", "a quote has no end"),
            ("recovered: [recovery < 1s]", "recovery needs faults"),
        ])
    func mistakes(more: String, message: String) {
        let problems = SampleFiles.problems(SampleFiles.small(more))
        #expect(problems.contains { $0.hasPrefix("shop.yaml:9:") && $0.contains(message) }, "\(problems)")
    }

    @Test(
        "§5: each mistake of an operation is named",
        arguments: [
            ("weight: 0", "\"weight\" is 0; it has to be more than 0"),
            ("check: redis.opration", "there is no check \"redis.opration\"; did you mean \"redis.operation\"?"),
            ("sqlite: SELECT 1", "an operation has only one of"),
            ("same: true", "\"same\" compares the answers"),
            ("pipeline: 0", "\"pipeline\" is 0; it has to be 1 or more"),
            ("rows: many", "\"rows\" is a number of rows such as 1 or >= 1, not \"many\""),
            ("into: 1st", "a value's name has letters, digits and _ only"),
        ])
    func operationMistakes(field: String, message: String) {
        let text = SampleFiles.small().replacing("redis: GET a", with: "redis: GET a\n    \(field)")
        let problems = SampleFiles.problems(text)
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test(
        "§5: each mistake of the load is named",
        arguments: [
            ("users: 1", "rate: 5\n  users: 1", "load has only one of \"users\", \"rate\""),
            ("users: 1", "users: 0", "\"users\" is 0; it has to be 1 or more"),
            ("users: 1", "users: 1\n  patience: 1s", "\"patience\" goes with \"rate\" only"),
            ("users: 1", "rate: 1\n  think: 1s", "\"think\" goes with \"users\" only"),
            ("users: 1", "rate: 1\n  arrivals: poison", "\"arrivals\" can't be \"poison\"; did you mean \"poisson\"?"),
            ("{hold: 1s}", "{hold: 1s, from: 1}", "only a ramp has two levels"),
            ("{hold: 1s}", "{ramp: 1s, at: 1}", "a ramp goes \"from\" one level \"to\" another"),
            ("{hold: 1s}", "{spike: 1s}", "a spike needs \"at\""),
            ("{hold: 1s}", "{hold: 0s}", "\"hold\" has to be more than nothing"),
            ("{hold: 1s}", "{hold: -1s}", "it can't be negative"),
            ("{hold: 1s}", "{hold: 1s, ramp: 1s}", "a stage has only one of"),
            ("{hold: 1s}", "{hold: 1s, name: fault}", "a stage can't be called \"fault\""),
            ("{hold: 1s}", "{hold: 1s}\n    - {hold: 1s}", "there is another stage \"hold\" before this one"),
            ("{hold: 1s}", "{hold: 1s}\n    - {warm-up: 1s}", "a warm-up comes before all that is counted"),
        ])
    func loadMistakes(old: String, new: String, message: String) {
        let problems = SampleFiles.problems(SampleFiles.small().replacing(old, with: new))
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test("§5: what is no YAML is told where it goes wrong")
    func noYAML() {
        #expect(SampleFiles.problems("a: [1, 2\nb: 3").first?.hasPrefix("shop.yaml:2:") == true)
        #expect(SampleFiles.problems("a: \"x").first?.contains("this is no YAML") == true)
        #expect(SampleFiles.problems("").count == 1)
        #expect(
            SampleFiles.problems("- 1") == ["shop.yaml:1:1: a scenario is a mapping of names to values, not a list"])
        let twice = SampleFiles.problems("scenario: a\nscenario: b")
        #expect(twice.count == 1)
        #expect(twice.first?.contains("\"scenario\" stands twice") == true)
        do {
            _ = try ScenarioFile(path: "/no/such/file.yaml")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".hasPrefix("/no/such/file.yaml:1:1: can't be read: "))
        }
    }

    @Test("S1: columns of a file are values of its rows, and generators draw from them")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trivet-scenarios-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("id,name\n1,Ada\n2,Alan\n".utf8).write(to: folder.appendingPathComponent("people.csv"))
        let path = folder.appendingPathComponent("a.yaml").path
        func read(_ field: String) throws -> ScenarioFile {
            try ScenarioFile(
                SampleFiles.small(
                    """
                    data: [{name: people, rows: {csv: people.csv}, redis: SET person:$\(field) $name}]
                    values: {who: {column: {csv: people.csv, name: \(field)}}}
                    """), path: path)
        }
        #expect(try read("id").data.first?.rows?.path == folder.path + "/people.csv")
        do {
            _ = try read("nme")
            Issue.record("it was read")
        } catch let error as ScenarioFileError {
            #expect(
                error.problems.map(\.message) == [
                    "there is no value \"nme\"; did you mean \"name\"?",
                    "\(folder.path)/people.csv has no column \"nme\"; did you mean \"name\"?",
                ])
        }
    }
}
