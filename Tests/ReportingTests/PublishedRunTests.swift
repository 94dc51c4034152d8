import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("Published runs of the whole profile")
struct PublishedRunTests {
    private static let documentation = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Documentation")

    @Test(
        "S1 to S11, §3: the chapter is the summary of a document that is valid, whole, and says what it ran on",
        arguments: ["ladybug", "kuzu"])
    func chapter(engine: String) throws {
        let data = try Data(contentsOf: Self.documentation.appendingPathComponent("results/full-\(engine).json"))
        #expect(try JSONSchema.published.violations(of: try JSONDecoder().decode(JSONValue.self, from: data)) == [])
        let result = try JSONDecoder().decode(RunResult.self, from: data)
        #expect(result.command.hasPrefix("trivet run full --seed \(result.seed)"))
        #expect(result.engines.listed.contains { $0.key == engine })
        #expect(result.scenarios.map(\.id) == ScenarioCatalog.names && !result.interrupted)
        #expect(result.outcome == .allTargetsMet)
        #expect(result.machine != nil && result.started != nil && result.commit != nil)
        let chapter = try String(
            contentsOf: Self.documentation.appendingPathComponent("full-profile.md"), encoding: .utf8)
        let part = try #require(chapter.components(separatedBy: "<!-- \(engine) -->\n").last)
        #expect(part.hasPrefix(MarkdownReport.render(result) + "<!-- end of \(engine) -->\n"))
    }
}
