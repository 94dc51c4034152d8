import Foundation
import Testing
import TrivetTesting

@testable import LoadTesting
@testable import Reporting

@Suite(
    "report.html in a browser", .enabled(if: Browser.isThere, Browser.missing), .timeLimit(.minutes(3)))
struct BrowserTests {
    @Test("§6: the verdict is there, no request leaves, and the console says nothing", .temporaryDirectory)
    func report() async throws {
        let result = SampleRun.result(failing: true, name: SampleRun.hostile)
        let visit = try await Browser.visit(HTMLReport.render(result), in: TemporaryDirectory.current.path)
        #expect(visit.document.contains(Verdict(result).text))
        // Beyond the last target: the page was read to its end.
        #expect(visit.document.contains("id=\"environment\"") && visit.document.contains("<figure"))
        #expect(!visit.document.contains("<script") && !visit.document.contains("<img"))
        #expect(visit.console == [])
        #expect(visit.requests == [])
    }

    @Test("What a page asks for or gets wrong would be seen", .temporaryDirectory)
    func control() async throws {
        let page = """
            <!DOCTYPE html><html><head></head><body><img src="http://127.0.0.1:9/x.png"/>
            <script>console.error("wrong")</script></body></html>
            """
        let visit = try await Browser.visit(page, in: TemporaryDirectory.current.path)
        #expect(visit.console.contains { $0.contains("wrong") })
        #expect(visit.requests == ["http://127.0.0.1:9/x.png"])
    }
}
