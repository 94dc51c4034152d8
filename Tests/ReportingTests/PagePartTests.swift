import Testing

@testable import Reporting

@Suite("Parts of a page that are replaced by themselves")
struct PagePartTests {
    private func leaf(_ id: String, _ text: String) -> PagePart { PagePart(id: id, "<p id=\"\(id)\">\(text)</p>") }

    private func box(_ id: String, _ children: [PagePart], open: String = "") -> PagePart {
        PagePart(id: id, open: "<div id=\"\(id)\">\(open)", children: children, close: "</div>")
    }

    @Test("§6: only what has changed is sent, and in the page's order")
    func changes() {
        let before = box("page", [leaf("a", "1"), box("b", [leaf("b1", "1"), leaf("b2", "1")]), leaf("c", "1")])
        #expect(before.changes(since: before) == [])
        let after = box("page", [leaf("a", "2"), box("b", [leaf("b1", "1"), leaf("b2", "2")]), leaf("c", "1")])
        #expect(after.changes(since: before).map(\.id) == ["a", "b2"])
        #expect(after.changes(since: before)[1].html == "<p id=\"b2\">2</p>")
    }

    @Test("§6: what has another shape is sent as a whole")
    func shapes() {
        let before = box("page", [leaf("a", "1"), box("b", [leaf("b1", "1")])])
        let grown = box("page", [leaf("a", "1"), box("b", [leaf("b1", "1"), leaf("b2", "1")])])
        #expect(grown.changes(since: before).map(\.id) == ["b"])
        #expect(before.changes(since: grown).map(\.id) == ["b"])
        let renamed = box("page", [leaf("a", "1"), box("b", [leaf("b1", "1")], open: "x")])
        #expect(renamed.changes(since: before).map(\.id) == ["b"])
        let more = box("page", [leaf("a", "1"), box("b", [leaf("b1", "1")]), leaf("c", "1")])
        #expect(more.changes(since: before).map(\.id) == ["page"])
    }

    @Test("§6: a report and a live page that has come to its end show the same")
    func same() {
        let result = SampleRun.result(failing: true)
        let live = RunPage.part(result, nil)
        #expect(HTMLReport.render(result).contains(live.html))
    }

    @Test("§6: a live page is well-formed, and its policy lets in its own script and style and its own events alone")
    func policy() throws {
        let main = RunPage.part(SampleRun.result(name: SampleRun.hostile), nil)
        let (html, header) = RunPage.html(main, lastEvent: 41)
        let parsed = ParsedXML(html)
        #expect(parsed.error == nil)
        #expect(parsed.named("script").map(\.text) == [LiveScript.text])
        #expect(parsed.named("body").first?.attributes["data-after"] == "41")
        let directives = header.split(separator: ";").map { $0.split(separator: " ").map(String.init) }
        let policy = Dictionary(uniqueKeysWithValues: directives.map { ($0[0], Array($0.dropFirst())) })
        #expect(policy["default-src"] == ["'none'"] && policy["connect-src"] == ["'self'"])
        #expect(policy["script-src"] == ["'\(LiveScript.hash)'"] && policy["style-src"] == ["'\(StyleSheet.hash)'"])
        #expect(policy["frame-ancestors"] == ["'none'"] && !header.contains("unsafe") && !header.contains("http"))
        #expect(!LiveScript.text.contains("eval") && !LiveScript.text.contains("http"))
    }
}
