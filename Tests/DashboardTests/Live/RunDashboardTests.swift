import BrowserTesting
import Foundation
import Metrics
import MetricsExport
import Synchronization
import Testing
import TrivetTesting

@testable import Dashboard
@testable import LiveFeed
@testable import LoadTesting
@testable import Reporting

@Suite(
    "A run's dashboard in a browser", .enabled(if: Browser.isWanted, Browser.missing), .timeLimit(.minutes(5)))
struct RunDashboardTests {
    @Test(
        "§6: charts come about during a run with a fault, and in the end there is its report; nothing else is asked for",
        .temporaryDirectory, arguments: [Browser.Window(), Browser.Window(width: 390, height: 800, isDark: true)])
    func run(window: Browser.Window) async throws {
        let monitor = LoadMonitor()
        let registry = PrometheusRegistry()
        let dashboard = try await RunDashboard.start(
            monitor, metrics: registry, configuration: .init(), interval: .milliseconds(250))
        var plan = LoadPlan()
        plan.requestedUsers = 3
        plan.warmUp = .milliseconds(100)
        plan.requestedSteady = .seconds(4)
        plan.scale = 0.1
        let (opened, open) = AsyncStream<LiveEngines>.makeStream()
        var scenario = ScenarioRun(plan: plan)
        scenario.whenOpen = { open.yield($0) }
        try await Browser.withPage(in: TemporaryDirectory.current.path, window: window) { page in
            try await page.visit(dashboard.address)
            #expect(try await page.document.contains("<h1"))
            let work = Task { [scenario] in
                try await scenario.run(profile: "user-journey", command: "trivet run", monitor: monitor)
            }
            defer { work.cancel() }
            var engines: LiveEngines?
            for await there in opened {
                engines = there
                break
            }
            let server = try #require(engines?.server)
            // Without the page being loaded again.
            try await page.wait(until: "document.querySelector('#s0-charts figure')")
            let before = try await page.evaluate("document.querySelector('#head .facts').textContent")
            try await page.wait(until: "document.querySelector('#head .facts').textContent !== \(before)")
            // What a reader has opened stays open, though it is drawn anew.
            let drawing = "document.querySelector('#s0-0')"
            _ = try await page.evaluate("\(drawing).querySelector('details').open = true")
            let old = try await page.evaluate("\(drawing).outerHTML.length")
            try await page.wait(until: "\(drawing).outerHTML.length !== \(old)")
            #expect(try await page.evaluate("\(drawing).querySelector('details').open") == "true")

            let fault = monitor.faults.begin("freeze-1", kind: "freeze", store: "redis")
            server.suspend()
            try await page.wait(until: "document.querySelector('#head').textContent.includes('redis freeze')")
            server.resume()
            monitor.faults.end(fault)
            try await page.wait(until: "document.querySelector('#s0-charts path.fault')")
            try await page.wait(until: "!document.querySelector('#head').textContent.includes('redis freeze')")

            let result = try await work.value
            #expect(result.faults?.map(\.id) == ["freeze-1"] && result.scenarios.first?.start ?? 0 > 0)
            await dashboard.stop(with: .success(result))
            try await page.wait(until: "document.querySelector('#link').textContent === 'ended'")
            let document = try await page.document
            #expect(document.contains(Verdict(result).text) && document.contains("cross.consistency"))
            #expect(document.contains("Broken on purpose"))
            #expect(try await page.evaluate("document.title.includes(\(quoted(Verdict(result).text)))") == "true")
            #expect(try await page.evaluate("document.documentElement.scrollWidth <= innerWidth") == "true")
            // Nobody but us was asked, and nothing was wrong.
            let requests = await page.requests
            #expect(requests.count == 2 && requests.allSatisfy { $0.hasPrefix(dashboard.address) }, "\(requests)")
            #expect(await page.console == [])
            let events = await page.events
            let numbers = events.compactMap { UInt64($0.id) }
            #expect(events.count > 5 && numbers.count == events.count)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
            #expect(events.last?.kind == "end")
        }
    }

    @Test(
        "S5: a browser that was cut off comes back with Last-Event-ID, and gets each event that it missed",
        .temporaryDirectory)
    func reconnect() async throws {
        func state(_ text: String) -> PagePart {
            .main([PagePart(id: "head", "<header id=\"head\" data-title=\"\(text)\">\(text)</header>")])
        }
        let view = LiveView(state("first"))
        let server = try await FeedServer.start(FeedSite(page: { view.page }), view.feed, configuration: .init())
        let relay = try await Relay.start(to: server.port)
        try await Browser.withPage(in: TemporaryDirectory.current.path) { page in
            try await page.visit("http://127.0.0.1:\(relay.port)/")
            try await page.wait(until: "document.querySelector('#link').dataset.kind === 'live'")
            view.show(state("second"))
            try await page.wait(until: "document.querySelector('#head').textContent === 'second'")
            let seen = view.feed.last
            relay.cut()
            try await page.wait(until: "document.querySelector('#link').dataset.kind === 'lost'")
            for text in ["third", "fourth", "fifth"] { view.show(state(text)) }
            #expect(try await page.evaluate("document.querySelector('#head').textContent") == "\"second\"")
            relay.heal()
            try await page.wait(until: "document.querySelector('#head').textContent === 'fifth'")
            let numbers = await page.events.compactMap { UInt64($0.id) }
            #expect(numbers == Array(seen...seen + 3))
            let sent = await page.sentHeaders.flatMap(\.headers).filter { $0.key.lowercased() == "last-event-id" }
            #expect(sent.contains { $0.value == "\(seen)" })
        }
        await relay.stop()
        await server.stop()
    }

    @Test("§6: without script a page shows how it stands, and comes anew by itself", .temporaryDirectory)
    func withoutScript() async throws {
        let view = LiveView(RunPage.part(nil, nil))
        let server = try await FeedServer.start(FeedSite(page: { view.page }), view.feed, configuration: .init())
        view.show(.main([PagePart(id: "head", "<header id=\"head\">now</header>")]))
        try await Browser.withPage(in: TemporaryDirectory.current.path, window: .init(isScripted: false)) { page in
            try await page.visit("http://127.0.0.1:\(server.port)/")
            let document = try await page.document
            #expect(document.contains("<header id=\"head\">now</header>"))
            #expect(document.contains("http-equiv=\"refresh\""))
            #expect(await page.console == [])
        }
        await server.stop()
    }

    private func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "\\'"))'" }
}
