import BrowserTesting
import Foundation
import Testing
import TrivetTesting

@testable import LoadTesting
@testable import Reporting

@Suite(
    "report.html in a browser", .enabled(if: Browser.isWanted, Browser.missing), .timeLimit(.minutes(3)))
struct BrowserTests {
    @Test(
        "§6: the verdict is there, no request leaves, and the console says nothing", .temporaryDirectory,
        arguments: [(1_240, false), (390, true)])
    func report(width: Int, isDark: Bool) async throws {
        let folder = try TemporaryDirectory.current.path
        let result = SampleRun.result(failing: true, name: SampleRun.hostile)
        let address = try write(HTMLReport.render(result), in: folder)
        try await Browser.withPage(in: folder, window: .init(width: width, isDark: isDark)) { page in
            try await page.visit(address)
            let document = try await page.document
            #expect(document.contains(Verdict(result).text))
            // Beyond the last target: the page was read to its end.
            #expect(document.contains("id=\"environment\"") && document.contains("<figure"))
            #expect(!document.contains("<script") && !document.contains("<img"))
            let ground = isDark ? "\"rgb(19, 22, 25)\"" : "\"rgb(253, 252, 249)\""
            #expect(try await page.evaluate("getComputedStyle(document.body).backgroundColor") == ground)
            // Nothing is wider than the window.
            #expect(try await page.evaluate("document.documentElement.scrollWidth <= innerWidth") == "true")
            #expect(await page.console == [])
            #expect(await page.requests == [address])
        }
    }

    @Test("What a page asks for or gets wrong would be seen", .temporaryDirectory)
    func control() async throws {
        let folder = try TemporaryDirectory.current.path
        let address = try write(
            """
            <!DOCTYPE html><html><head></head><body><img src="http://127.0.0.1:9/x.png"/>
            <script>console.error("wrong")</script></body></html>
            """, in: folder)
        try await Browser.withPage(in: folder) { page in
            try await page.visit(address)
            #expect(await page.console.contains { $0.contains("wrong") })
            #expect(await page.requests == [address, "http://127.0.0.1:9/x.png"])
        }
    }

    private func write(_ page: String, in folder: String) throws -> String {
        try Data(page.utf8).write(to: URL(fileURLWithPath: folder + "/page.html"))
        return "file://\(folder)/page.html"
    }
}
