import Foundation
import LoadTesting
import Testing
import TrivetTesting

@Suite("§5, §6: trivet run with a scenario's file", .timeLimit(.minutes(5)))
struct ScenarioFileTests {
    private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trivet-scenario-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("mine.yaml")
        try Data(text.utf8).write(to: file)
        try await body(file.path)
    }

    private let counter = """
        scenario: counter
        operations: [{name: visit, redis: INCR visits}]
        load: {users: 2, stages: [{hold: 1s}], quick: [{hold: 200ms}]}
        targets: [p50 < 10s, failures = 0]
        """

    @Test("A file of a user's own is run, judged, and named in the document")
    func run() async throws {
        try await withFile(counter) { path in
            let result = try await TrivetTool.run(["run", path, "--quick", "--json", "-"])
            #expect(result.status == 0, "\(result.errors)")
            let document = try JSONDecoder().decode(RunResult.self, from: Data(result.output.utf8))
            #expect(document.scenarios.map(\.id) == ["counter"])
            #expect(document.checks.map(\.id) == ["counter: failures = 0", "counter: p50 < 10s"])
            #expect(document.command == "trivet run \(path) --seed 42 --quick")
        }
    }

    @Test("A file with mistakes is status 2, with all of them and their places, before anything is started")
    func mistakes() async throws {
        try await withFile(counter.replacing("visit,", with: "visit, weigth: 2,").replacing("p50 <", with: "p5o <")) {
            path in
            // No engine is looked for.
            let result = try await TrivetTool.run(
                ["run", path], environment: ["TRIVET_REDIS_SERVER": "/nowhere/at/all"])
            #expect(result.status == 2)
            #expect(result.errors.contains("\(path):2:28: an operation has no \"weigth\"; did you mean \"weight\"?"))
            #expect(result.errors.contains("\(path):4:11: there is no metric \"p5o\"; did you mean \"p50\"?"))
            #expect(result.output.isEmpty)
        }
    }

    @Test("A check that does not hold is status 4")
    func inconsistent() async throws {
        try await withFile(counter + "\nchecks: [{name: none came, redis: GET visits, equals: 0}]") { path in
            let result = try await TrivetTool.run(["run", path, "--quick"])
            #expect(result.status == 4)
            #expect(result.output.contains("none came: it is"))
        }
    }
}
