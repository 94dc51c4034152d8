import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("report.html: a page that needs nothing else")
struct HTMLReportTests {
    @Test("§6: it is well-formed, whatever names and errors say", arguments: [false, true])
    func wellFormed(failing: Bool) {
        let result = SampleRun.result(failing: failing, interrupted: failing, name: SampleRun.hostile)
        let page = HTMLReport.render(result)
        let parsed = ParsedXML(page)
        #expect(parsed.error == nil)
        // Nothing that was text has become an element or an address.
        #expect(parsed.named("script").isEmpty && parsed.named("img").isEmpty && parsed.named("iframe").isEmpty)
        let addresses = parsed.elements.flatMap { element in
            ["href", "src", "action", "xlink:href", "srcset"].compactMap { element.attributes[$0] }
        }
        #expect(addresses.allSatisfy { $0.hasPrefix("#") || $0 == "data:," })
        let attributes = Set(parsed.elements.flatMap(\.attributes.keys))
        #expect(!attributes.contains("style") && !attributes.contains { $0.hasPrefix("on") })
        #expect(!StyleSheet.text.contains("url(") && !StyleSheet.text.contains("@import"))
        #expect(parsed.named("code").contains { $0.text.contains("<script>") } || !failing)
    }

    @Test("§6: the verdict comes first, then targets with limit, value and distance, then the command")
    func order() throws {
        let parsed = ParsedXML(HTMLReport.render(SampleRun.result(failing: true)))
        let heading = try #require(parsed.named("h1").first)
        #expect(heading.text == "✗1 of 4 targets missed, 1 scenario with failures.")
        let sections = parsed.named("section").compactMap { $0.attributes["id"] }
        #expect(sections == ["targets", "latencies", "scenarios", "s0", "environment"])
        let rows = parsed.named("tr").filter { $0.attributes["role"] == "row" }.dropFirst()
        #expect(rows.count == 4)
        let first = try #require(rows.first)
        #expect(first.text.contains("redis.operation") && first.text.contains("FAIL") && first.text.contains("limit"))
        #expect(parsed.named("code").contains { $0.text == "trivet run quick --seed 42" })
    }

    @Test("§6: each drawing has a role and a name, and its figures in a table beside it")
    func accessible() throws {
        let parsed = ParsedXML(HTMLReport.render(SampleRun.result(failing: true)))
        let ids = parsed.elements.compactMap { $0.attributes["id"] }
        #expect(ids.count == Set(ids).count)
        let figures = parsed.named("figure")
        #expect(figures.count == 8)
        for drawing in parsed.named("svg") where drawing.attributes["aria-hidden"] == nil && drawing.parent != "li" {
            #expect(drawing.attributes["role"] == "img")
            let names = drawing.attributes["aria-labelledby"]?.split(separator: " ").map(String.init) ?? []
            #expect(drawing.attributes["aria-label"] != nil || (names.count == 2 && names.allSatisfy(ids.contains)))
        }
        #expect(parsed.named("details").count == figures.count)
        #expect(parsed.named("desc").allSatisfy { !$0.text.isEmpty })
    }

    @Test("§6: what was broken is shaded on each chart over time, named, in words and in a list")
    func faults() throws {
        let parsed = ParsedXML(HTMLReport.render(SampleRun.result()))
        let charts = parsed.named("figure").filter { $0.attributes["id"]?.hasPrefix("s0-") == true }
        #expect(charts.count == 6)
        #expect(parsed.elements.count { $0.attributes["class"] == "fault" && $0.parent == "svg" } >= 2 * charts.count)
        let words = parsed.named("desc").filter { $0.text.contains("Broken on purpose:") }
        #expect(words.count == charts.count)
        for text in words.map(\.text) {
            #expect(text.contains("redis freeze from the beginning to 0.5 s") && !text.contains("kill"))
        }
        // The pools' charts are shorter.
        #expect(words.count { $0.text.contains("slow disk from 4.5 s to the end") } == 4)
        #expect(parsed.named("ul").first { $0.attributes["class"] == "faults" }?.text.contains("sqlite quick") == true)
        var calm = SampleRun.result()
        calm.faults = nil
        #expect(!HTMLReport.render(calm).contains("Broken on purpose"))
    }

    @Test("§6: what failed is drawn over time by what it said: the most frequent kinds, and the others together")
    func failures() throws {
        let parsed = ParsedXML(HTMLReport.render(SampleRun.result(failing: true, name: "mine")))
        let texts = parsed.named("desc").map(\.text)
        #expect(texts.contains { $0.hasPrefix("100 × mine; 50 × b; 50 × 2 other kinds.") }, "\(texts)")
        let calm = ParsedXML(HTMLReport.render(SampleRun.result())).named("desc").map(\.text)
        #expect(!calm.contains { $0.contains("other kinds") })
    }

    @Test("§6: a baseline's distribution is drawn beside the run's, and what differs is said")
    func baseline() throws {
        var result = SampleRun.result()
        func distributions(_ result: RunResult) -> [ParsedXML.Element] {
            ParsedXML(HTMLReport.render(result)).named("figure").filter { $0.attributes["id"]?.hasPrefix("p") == true }
        }
        #expect(distributions(result).allSatisfy { $0.text.contains("baseline") })
        #expect(HTMLReport.render(result).contains("commit 0123456789"))
        #expect(!HTMLReport.render(result).contains("compare shapes"))
        result.baseline?.machine?.cores = 64
        result.baseline?.engines.redis = "1"
        #expect(result.baselineDifferences == ["another machine", "other versions of the engines"])
        #expect(HTMLReport.render(result).contains("compare shapes, not figures"))
        result.baseline = nil
        #expect(!distributions(result).isEmpty && distributions(result).allSatisfy { !$0.text.contains("baseline") })
    }

    @Test("§6: five seconds and five hours make a page of about the same size")
    func length() {
        let short = HTMLReport.render(SampleRun.result(seconds: 5)).utf8.count
        let long = HTMLReport.render(SampleRun.result(seconds: 18_000)).utf8.count
        #expect(long < short * 6 && long < 200_000, "\(short) and \(long)")
    }

    @Test("§6: what the run doesn't have is left out")
    func bare() {
        let result = RunResult(
            profile: "bench", seconds: 1, engines: .init(sqlite: "1", kuzu: "2", redis: "3"), checks: [],
            interrupted: true, command: "trivet bench")
        let parsed = ParsedXML(HTMLReport.render(result))
        #expect(parsed.error == nil)
        #expect(parsed.named("section").compactMap { $0.attributes["id"] } == ["environment"])
        #expect(parsed.named("figure").isEmpty)
        #expect(parsed.named("h1").first?.text.contains("Interrupted") == true)
    }

    @Test("§6: of a run that ended with an error the reports say why, whatever it says")
    func failure() {
        let failure = RunFailure(profile: SampleRun.hostile, command: "trivet run", reason: SampleRun.hostile)
        let page = ParsedXML(HTMLReport.render(failure)), xml = ParsedXML(JUnitReport.render(failure))
        #expect(page.error == nil && xml.error == nil)
        #expect(page.named("script").isEmpty && page.named("code").first?.text.contains("<script>") == true)
        #expect(page.named("h1").first?.text == "✗The run did not come to an end.")
        #expect(xml.named("error").count == 1 && xml.named("testsuites").first?.attributes["errors"] == "1")
        #expect(MarkdownReport.render(failure).contains("The run did not come to an end."))
    }

    @Test("§6: the policy lets nothing in but the page's own style")
    func policy() throws {
        let parsed = ParsedXML(HTMLReport.render(SampleRun.result()))
        let policy = try #require(
            parsed.named("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }?
                .attributes["content"])
        let style = try #require(parsed.named("style").first?.text)
        let hash = Data(SHA256.digest(Array(style.utf8))).base64EncodedString()
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-\(hash)'"))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
    }
}
