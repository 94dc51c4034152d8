import BrowserTesting
import Foundation
import LiveFeed
import Logging
import MetricsExport
import ServiceLifecycle
import Stores
import Testing
import TrivetTesting

@testable import Dashboard

@Suite("A service's dashboard on live stores", .enabled(if: Browser.isWanted, Browser.missing), .timeLimit(.minutes(3)))
struct ServiceDashboardTests {
    @Test(
        "P6, M1: pools are shown as they are used, a store that is down is said to be so, and the group ends",
        .temporaryDirectory, .redisServer)
    func service() async throws {
        let server = try RedisServer.current
        let folder = try TemporaryDirectory.current
        let registry = PrometheusRegistry(help: StoreMetric.help)
        var stores = StoresConfiguration()
        stores.sqlite = .init(path: folder.path(of: "shop.sqlite"))
        stores.redis = .server(server.endpoint)
        stores.health.interval = .milliseconds(100)
        stores.health.probeTimeout = .milliseconds(200)
        let manager = try await PoolManager.open(stores, metrics: registry)
        var place = Dashboard.Configuration()
        (place.port, place.title) = (0, "shop")
        let dashboard = Dashboard(of: manager, metrics: registry, configuration: place)
        let group = ServiceGroup(services: [manager, dashboard], logger: Logger(label: "shop"))
        let running = Task { try await group.run() }
        let port = try await port(of: dashboard)
        try await Browser.withPage(in: folder.path) { page in
            try await page.visit("http://127.0.0.1:\(port)/")
            try await page.wait(until: "document.querySelector('h1').textContent === '✓All stores are healthy.'")
            let redis = try manager.redis
            _ = try await redis.get("key", as: String.self)
            try await page.wait(until: "document.querySelector('#pools').textContent.includes('redis')")
            try await page.wait(until: "document.querySelector('#operations')?.textContent.includes('redis')")
            server.suspend()
            try await page.wait(until: "document.querySelector('h1').textContent.includes('redis is down')")
            server.resume()
            try await page.wait(until: "document.querySelector('h1').textContent === '✓All stores are healthy.'")
            #expect(await page.console == [])

            // The same from elsewhere, by what it shows to Prometheus.
            let address = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
            let other = try await ServiceDashboard.start(address, configuration: .init())
            try await page.visit(other.address)
            try await page.wait(until: "document.querySelector('#pools')?.textContent.includes('sqlite.readers')")
            await group.triggerGracefulShutdown()
            try await page.wait(until: "document.querySelector('h1').textContent === '✗No answer.'")
            await other.stop()
        }
        try await running.value
        #expect(dashboard.port == nil)
    }

    @Test("§6: beyond this machine without a token it doesn't start, and says what to do", .temporaryDirectory)
    func open() async throws {
        var stores = StoresConfiguration()
        stores.sqlite = .init(path: try TemporaryDirectory.current.path(of: "shop.sqlite"))
        try await PoolManager.withManager(stores) { manager in
            var place = Dashboard.Configuration()
            place.host = "0.0.0.0"
            do {
                try await Dashboard(of: manager, configuration: place).run()
                Issue.record("it is open to others")
            } catch {
                #expect("\(error)".contains("token"))
            }
        }
    }

    @Test("§6: in a group whose first service ends at once, it ends, too", .temporaryDirectory)
    func cancelled() async throws {
        struct Brief: Service {
            func run() async throws {}
        }
        var stores = StoresConfiguration()
        stores.sqlite = .init(path: try TemporaryDirectory.current.path(of: "shop.sqlite"))
        var place = Dashboard.Configuration()
        place.port = 0
        for _ in 0..<10 {
            let manager = try await PoolManager.open(stores)
            let dashboard = Dashboard(of: manager, configuration: place)
            do {
                try await ServiceGroup(services: [manager, dashboard, Brief()], logger: Logger(label: "shop")).run()
                Issue.record("a service ended before the group")
            } catch is ServiceGroupError {}
            #expect(dashboard.port == nil)
        }
    }

    /// It has one as soon as it listens; the suite's time limit is the bound.
    private func port(of dashboard: Dashboard) async throws -> Int {
        while true {
            if let port = dashboard.port { return port }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
