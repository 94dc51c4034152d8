import Testing

@testable import Scenarios

@Suite("S3: mappings, and what is measured of them, in scenario files")
struct MappingTests {
    @Test("S3, T7: mappings and the statements that speak of them arrive")
    func whole() throws {
        let file = try SampleFiles.read(SampleFiles.followed)
        #expect(
            file.mappings == [
                MappingDefinition(
                    table: "products", key: "product:{id}", form: .json(["id", "price", "version"]), version: "version",
                    check: "cache.lag"),
                MappingDefinition(table: "names", key: "name:{id}", form: .string("name"), expiry: .seconds(60)),
            ])
        let update = try #require(file.operations[0].steps.first)
        #expect(update.lag == "products" && !update.isOutside)
        let others = try #require(file.operations[1].steps.first)
        #expect(others.lag == "products" && others.isOutside)
        let top = try #require(file.operations[2].steps.first?.cached)
        #expect(top.key.names == ["id"] && top.expiry == .seconds(1))
        #expect(file.targets.map(\.expression.metric) == [.cacheLag(percent: 99), .cacheLag(percent: 50)])
        #expect(file.targets[1].expression.operation == "update")
    }

    @Test(
        "§5: each mistake of a mapping is named",
        arguments: [
            ("table: products, ", "", "a mapping needs \"table\""),
            ("'product:{id}'", "product", "it has no column"),
            ("json: [id, price, version]", "json: []", "\"json\" has no columns"),
            ("version: version", "version: verison", "did you mean \"version\"?"),
            ("check: cache.lag", "check: cache.lgg", "there is no check \"cache.lgg\" of mappings; did you mean"),
            ("string: name, expiry: 60s", "string: name, check: cache.lag", "\"check\" needs \"version\""),
            ("{table: names", "{table: products", "there is another mapping of \"products\" before this one"),
        ])
    func mistakes(old: String, new: String, message: String) {
        let problems = SampleFiles.problems(SampleFiles.followed.replacing(old, with: new))
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test(
        "§5: what a statement can't have is named",
        arguments: [
            ("{redis: GET a, lag: products}", "\"lag\" goes with \"sqlite\" only"),
            ("{sqlite: UPDATE a SET b = 1 RETURNING id, lag: prodcts}", "did you mean \"products\"?"),
            ("{sqlite: UPDATE a SET b = 1 RETURNING id, lag: names}", "the mapping of \"names\" needs \"version\""),
            ("{sqlite: UPDATE a SET b = 1, lag: products}", "RETURNING id, version"),
            ("{sqlite: SELECT 1 AS returning_, lag: products}", "RETURNING id, version"),
            ("{sqlite: SELECT 1, outside: true}", "\"outside\" is for a statement that writes"),
            ("{sqlite: UPDATE a SET b = 1, cached: a}", "and this one writes"),
            ("{sqlite: SELECT 1, cached: $nothing}", "there is no value \"nothing\""),
            ("{sqlite: SELECT 1, expiry: 1s}", "\"expiry\" goes with \"cached\""),
            ("{sqlite: SELECT 1, cached: a, expiry: 0s}", "\"expiry\" has to be more than nothing"),
        ])
    func statements(step: String, message: String) {
        let text = SampleFiles.followed.replacing(
            "  - {name: top,", with: "  - {name: more, steps: [\(step)]}\n  - {name: top,")
        let problems = SampleFiles.problems(text)
        #expect(problems.count == 1 && problems[0].contains(message), "\(problems)")
    }

    @Test("§5: only a statement by itself is measured, cached, or done by another program")
    func lone() {
        for (place, title) in [("transaction", "a transaction"), ("snapshot", "a snapshot")] {
            let text = SampleFiles.followed.replacing(
                "  - {name: top,", with: "  - {name: more, \(place): [{sqlite: SELECT 1, cached: a}]}\n  - {name: top,")
            let problems = SampleFiles.problems(text)
            #expect(problems.count == 1 && problems[0].contains("\(title) has no \"cached\""), "\(problems)")
        }
        let check = SampleFiles.problems(
            SampleFiles.followed + "\nchecks: [{name: c, same: [{sqlite: SELECT 1, cached: a}, {sqlite: SELECT 1}]}]")
        #expect(check.count == 1 && check[0].contains("a check has no \"cached\""), "\(check)")
    }

    @Test("§5: a lag that nothing measures is no target, and the worker can't be killed under it")
    func targets() {
        let none = SampleFiles.problems(SampleFiles.small("targets: [cache.lag < 100ms]"))
        #expect(none.count == 1 && none[0].contains("cache.lag needs a statement with \"lag\""), "\(none)")
        let other = SampleFiles.problems(SampleFiles.followed.replacing("update.cache.lag", with: "top.cache.lag"))
        #expect(other.count == 1 && other[0].contains("the operation \"top\" has no statement"), "\(other)")
        let worker = SampleFiles.problems(
            SampleFiles.followed
                + "\nfaults: [{fault: worker.kill, at: 100ms, for: 100ms}, {fault: graph.full, at: 100ms, for: 100ms}]")
        #expect(worker.count == 2, "\(worker)")
        #expect(worker[0].contains("the fault worker.kill doesn't go with \"mappings\""), "\(worker)")
    }

    @Test("§5: mappings and cached answers write, and are coordinated")
    func needs() throws {
        let followed = StoreNeeds(try SampleFiles.read(SampleFiles.followed))
        #expect(followed.coordinated == "the mapping of \"products\"")
        #expect(followed.writes.map(\.place) == ["the mapping of \"products\"", "the mapping of \"products\""])
        let text = SampleFiles.small().replacing("redis: GET a", with: "sqlite: SELECT 1\n    cached: a")
        let cached = StoreNeeds(try SampleFiles.read(text))
        #expect(cached.coordinated == "the operation \"get\"" && cached.stores == [.sqlite, .redis])
        #expect(Set(cached.writes.map(\.store)) == [.sqlite, .redis])
    }
}
