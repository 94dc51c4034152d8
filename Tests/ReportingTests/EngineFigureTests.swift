import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("The graph's engines beside each other, in every rendering")
struct EngineFigureTests {
    private let result: RunResult

    init() {
        func figure(_ id: String, _ turns: [(kuzu: Double, ladybug: Double)], _ unit: String = "µs") -> EngineFigure {
            EngineFigure(id: id, summary: "of <\(id)>", unit: unit, better: .lower, turns: turns)
        }
        var result = RunResult(
            profile: "bench of both engines", seconds: 1,
            engines: .init(sqlite: "3.40.1", kuzu: "0.11.3", redis: "7.0.15"), checks: [], interrupted: false,
            command: "trivet bench --graph-engine both")
        result.engines.ladybug = "0.22.0"
        result.engineFigures = [
            figure("read", [(100, 10), (110, 10), (90, 10)]), figure("commit", [(400, 800), (400, 800)]),
            figure("open", [(1, 2), (2, 1), (1, 1)], "ms"),
        ]
        self.result = result
    }

    @Test("§6: the verdict counts who is ahead, and no target is missed")
    func verdict() {
        #expect(result.outcome == .allTargetsMet)
        #expect(
            Verdict(result).text
                == "Of 3 figures, Kùzu is ahead in 1, LadybugDB in 1; the others don't tell them apart.")
    }

    @Test("§6: on the terminal, each figure with both engines and which one is better")
    func terminal() throws {
        let lines = SummaryTable(style: TerminalStyle(hasColor: false)).render(result).split(separator: "\n")
        let read = try #require(lines.first { $0.hasPrefix("read ") })
        #expect(read.contains("100 µs") && read.contains("10 µs") && read.contains("10 × better"))
        let commit = try #require(lines.first { $0.hasPrefix("commit ") })
        #expect(commit.contains("2 × worse") && commit.hasSuffix("2 – 2"))
        #expect(lines.contains { $0.hasPrefix("open ") && $0.contains("about the same") })
        #expect(lines.contains { $0.contains("Kùzu 0.11.3") && $0.contains("LadybugDB 0.22.0") })
        #expect(!lines.contains { $0.contains("check") })
    }

    @Test("§6: in Markdown a table, whose texts stay text")
    func markdown() {
        let text = MarkdownReport.render(result)
        #expect(text.contains("| figure | of | Kùzu | LadybugDB | LadybugDB is | 95 % interval |\n| --- |"))
        #expect(text.contains("| read | of &lt;read&gt; | 100 µs | 10 µs | 10 × better | 9 – 11 |"))
    }

    @Test("§6: the document is valid, and is read again as what it was; so is the page")
    func documents() throws {
        let text = try JSONReport.render(result)
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(try JSONSchema.published.violations(of: value) == [])
        #expect(value["engineFigures"]?.elements.first?["advantage"]?["value"]?.number == 10)
        let read = try JSONDecoder().decode(RunResult.self, from: Data(text.utf8))
        #expect(read == result)
        let page = HTMLReport.render(result)
        #expect(page.contains("10 × better") && page.contains("of &lt;read&gt;") && !page.contains("of <read>"))
        #expect(ParsedXML(page).error == nil)
    }
}
