import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("The document and its published schema")
struct SchemaTests {
    private let schema: JSONSchema

    init() throws {
        schema = try JSONSchema.published
    }

    private func document(_ result: RunResult) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(try JSONReport.render(result).utf8))
    }

    @Test("§6: what is written is valid, with all parts and with as few as there may be", arguments: [false, true])
    func valid(failing: Bool) throws {
        let full = SampleRun.result(failing: failing, name: SampleRun.hostile)
        #expect(schema.violations(of: try document(full)) == [])
        var crash = full
        crash.crash = RunResult.Crash(figures: CrashFigures(), failures: [])
        #expect(schema.violations(of: try document(crash)) == [])
        let bare = RunResult(
            profile: "bench", seconds: 1, engines: full.engines, checks: [], interrupted: true, command: "")
        #expect(schema.violations(of: try document(bare)) == [])
    }

    @Test("§6: the schema says no to what it doesn't describe")
    func invalid() throws {
        let valid = try document(SampleRun.result())
        #expect(schema.violations(of: .object([:])).contains("$ has no checks"))
        func changed(_ key: String, _ value: JSONValue?) -> [String] {
            var members = valid.members
            members[key] = value
            return schema.violations(of: .object(members))
        }
        #expect(changed("schema", .number(2)) == ["$.schema is not number(1.0)"])
        #expect(changed("passed", .number(1)).count == 1)
        #expect(changed("seconds", .number(-1)).count == 1)
        #expect(changed("surprise", .null) == ["$ has an unknown surprise"])
        #expect(changed("seed", .number(0.5)).count == 1)
        #expect(changed("command", nil) == ["$ has no command"])
        #expect(changed("checks", .array([.object([:])])).contains("$.checks[0] has no id"))
    }

    @Test("§6: a document is read again as what it was")
    func roundTrip() throws {
        let result = SampleRun.result(failing: true, name: SampleRun.hostile)
        let read = try JSONDecoder().decode(RunResult.self, from: Data(try JSONReport.render(result).utf8))
        #expect(read == result)
    }
}
