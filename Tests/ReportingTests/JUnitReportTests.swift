import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("junit.xml: targets and scenarios as tests")
struct JUnitReportTests {
    /// What Jenkins' junit-10.xsd allows, as far as it is used: an element's parents, and its attributes.
    private static let schema: [String: (parents: Set<String>, required: Set<String>, optional: Set<String>)] = [
        "testsuites": ([""], [], ["name", "time", "tests", "failures", "errors"]),
        "testsuite": (
            ["testsuites", "testsuite"], ["name", "tests", "failures", "errors"],
            ["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"]
        ),
        "properties": (["testsuite"], [], []),
        "property": (["properties"], ["name", "value"], []),
        "testcase": (["testsuite"], ["name"], ["classname", "time", "group"]),
        "failure": (["testcase"], [], ["type", "message"]),
        "error": (["testcase"], [], ["type", "message"]),
        "system-out": (["testcase", "testsuite"], [], []),
    ]

    @Test("§6: it has the form that viewers read, whatever names and errors say", arguments: [false, true])
    func form(failing: Bool) throws {
        let result = SampleRun.result(failing: failing, interrupted: failing, name: SampleRun.hostile)
        let parsed = ParsedXML(JUnitReport.render(result))
        #expect(parsed.error == nil)
        for element in parsed.elements {
            let rule = try #require(Self.schema[element.name], "\(element.name)")
            #expect(rule.parents.contains(element.parent))
            let attributes = Set(element.attributes.keys)
            #expect(attributes.isSuperset(of: rule.required))
            #expect(attributes.isSubset(of: rule.required.union(rule.optional)), "\(attributes)")
            if let time = element.attributes["time"] {
                #expect(time.wholeMatch(of: /[0-9]{0,3}(,[0-9]{3})*[0-9]*\.[0-9]{3}/) != nil)
            }
        }
        for suite in parsed.named("testsuite") + parsed.named("testsuites") {
            for count in ["tests", "failures", "errors"] {
                #expect(suite.attributes[count].flatMap { Int($0) } != nil)
            }
        }
    }

    @Test("§6: a check without a verdict says why: too few samples, or a saturated load generator, in each rendering")
    func doubts() throws {
        var result = SampleRun.result()
        result.checks[0] = result.checks[0].doubted(.generatorSaturated)
        let parsed = ParsedXML(JUnitReport.render(result))
        #expect(parsed.named("error").map { $0.attributes["type"] } == ["load generator saturated"])
        let texts = [
            SummaryTable(style: TerminalStyle(hasColor: false)).render(result), MarkdownReport.render(result),
            HTMLReport.render(result),
        ]
        for text in texts {
            #expect(text.contains("? saturated") && !text.contains("too few"))
            #expect(text.contains("1 check says nothing, since the load generator was saturated"))
        }
        result.checks[1].verdict = .inconclusive
        for text in [Verdict(result).text, MarkdownReport.render(result)] {
            #expect(text.contains("saturated") && text.contains("1 check has too few samples to say"))
        }
    }

    @Test("§6: a second look, and what the first one found, stand in each rendering")
    func secondLook() {
        var result = SampleRun.result()
        result.checks[0].firstLook = CheckResult.FirstLook(value: 77, samples: 2_000, beyond: 40)
        let terminal = SummaryTable(style: TerminalStyle(hasColor: false)).render(result)
        for text in [terminal, MarkdownReport.render(result), HTMLReport.render(result), JUnitReport.render(result)] {
            #expect(text.contains("redis.operation: 77 ms with 2"))
        }
        #expect(Verdict(result).text == "All 4 targets met. 1 of them was missed at first.")
    }

    @Test("§6: the terminal's last lines name what was not met")
    func lastLines() throws {
        let result = SampleRun.result(failing: true)
        let lines = SummaryTable(style: TerminalStyle(hasColor: false)).render(result).split(separator: "\n")
        #expect(lines.suffix(3).first == "✗ 1 of 4 targets missed, 1 scenario with failures.")
        #expect(try #require(lines.dropLast().last).hasPrefix("  ✗ redis.operation: "))
        #expect(try #require(lines.last).hasPrefix("again: "))
    }

    @Test("§6: a missed target and a scenario with failures are failures, too few samples and an interruption errors")
    func verdicts() throws {
        var result = SampleRun.result(failing: true, interrupted: true)
        result.checks[1].verdict = .inconclusive
        let parsed = ParsedXML(JUnitReport.render(result))
        let total = try #require(parsed.named("testsuites").first).attributes
        #expect(total["tests"] == "6" && total["failures"] == "2" && total["errors"] == "2")
        #expect(parsed.named("testcase").count == 6)
        let failures = parsed.named("failure").map { $0.attributes["type"] }
        #expect(failures == ["target missed", "failures"])
        #expect(parsed.named("error").map { $0.attributes["type"] } == ["too few samples", "interrupted"])
        #expect(parsed.named("failure")[0].text.contains("to be < 500 µs"))
    }
}
