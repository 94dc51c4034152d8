import Foundation
import Testing

@testable import LoadTesting
@testable import Reporting

@Suite("summary.md: for a pull request or a job's summary")
struct MarkdownReportTests {
    @Test("§6: verdict first, what was missed next, the rest folded away")
    func order() throws {
        let text = MarkdownReport.render(SampleRun.result(failing: true))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "### ❌ quick: 1 of 4 targets missed, 1 scenario with failures.")
        #expect(lines[4].hasPrefix("| ✗ FAIL | redis.operation | "))
        #expect(text.contains("| target | value | baseline | limit |"))
        #expect(text.contains("Broken on purpose: redis freeze, redis kill, slow disk, sqlite quick."))
        #expect(text.contains("<details><summary>3 targets met</summary>\n\n|"))
        #expect(text.hasSuffix("Again: `trivet run quick --seed 42`\n"))
    }

    @Test("§6: names and errors stay text: no element, no link, no other cell, nobody told")
    func hostile() {
        let text = MarkdownReport.render(SampleRun.result(failing: true, name: SampleRun.hostile))
        let lines = text.split(separator: "\n")
        // Failures and the command are code, in which nothing means anything.
        let outside = lines.filter { !$0.contains(" × `") && !$0.hasPrefix("Again: `") }.joined(separator: "\n")
        #expect(lines.count { $0.hasPrefix("  - ") } == 2)
        #expect(!outside.contains("<script") && !outside.contains("<img"))
        // Scalar by scalar: what keeps a name from being told is not seen.
        #expect(!Array(outside.unicodeScalars).contains(Array("@all".unicodeScalars)))
        #expect(!outside.contains("[b]("))
        #expect(!text.contains("\nsecond line"))
    }

    @Test(
        "Code is fenced by more backticks than it has",
        arguments: [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a\nb", "`a b`"), ("", "`  `")])
    func code(text: String, expected: String) {
        #expect(MarkdownText.code(text) == expected)
    }

    @Test(
        "Text keeps to its cell",
        arguments: [
            ("a|b", "a\\|b"), ("<b>", "&lt;b&gt;"), ("*a* _b_", "\\*a\\* \\_b\\_"), ("a\n\nb", "a b"),
            ("\\|", "\\\\\\|"),
        ])
    func plain(text: String, expected: String) {
        #expect(MarkdownText.plain(text) == expected)
    }
}
