import GRDB
import LocalEngines
import Measurement
import Metrics
import MetricsExport
import RedisClient
import Stores
import Synchronization

/// The throughput that is lost with everything measured, against the same work on the same engines with nothing measured.
struct OverheadBenchmark {
    let benchmarker: Benchmarker

    private static let (tasks, rounds) = (8, 60)

    func run() async throws {
        benchmarker.prepare("four sets of stores")
        try await RedisServer.withServer { server in
            try await TemporaryDirectory.withDirectory { folder in
                let registry = PrometheusRegistry(help: StoreMetric.help)
                // Of two sets of the same stores one is faster than the other, by where it lies and by which was first. So there are two of
                // each: measured, not, not, measured.
                try await Self.with([true, false, false, true], [], folder, server, registry) { stores in
                    for manager in stores { try await Self.prepare(manager) }
                    try await measure(stores, registry, server)
                }
            }
        }
    }

    /// Opens sets of stores, measured ones and others, one after the other.
    private static func with(
        _ measured: [Bool], _ open: [PoolManager], _ folder: TemporaryDirectory, _ server: RedisServer,
        _ registry: PrometheusRegistry, _ body: ([PoolManager]) async throws -> Void
    ) async throws {
        guard open.count < measured.count else { return try await body(open) }
        let metrics: any MetricsFactory = measured[open.count] ? registry : NOOPMetricsHandler.instance
        try await PoolManager.withManager(
            configuration(folder.path(of: "\(open.count)"), server), metrics: metrics
        ) { manager in
            try await with(measured, open + [manager], folder, server, registry, body)
        }
    }

    private static func configuration(_ path: String, _ server: RedisServer) -> StoresConfiguration {
        var configuration = StoresConfiguration()
        configuration.sqlite = .init(path: path + ".sqlite")
        configuration.graph = .init(path: path + ".kuzu")
        configuration.redis = .server(server.endpoint)
        return configuration
    }

    private static func prepare(_ stores: PoolManager) async throws {
        try await stores.sqlite.write { database in
            try database.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
            for id in 1...1_000 {
                try database.execute(sql: "INSERT INTO users VALUES (?, ?)", arguments: [id, "user \(id)"])
            }
        }
        try await stores.graph.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
        try await stores.graph.execute("UNWIND range(1, 1000) AS id CREATE (:User {id: id, name: 'user'})")
    }

    private func measure(
        _ stores: [PoolManager], _ registry: PrometheusRegistry, _ server: RedisServer
    ) async throws {
        let meter = OperationMeter(.init(store: "application", operation: "request"))
        let loads = try stores.enumerated().map { try Load($1, Self.isMeasured($0) ? meter : nil) }
        let own = ProcessMetrics(name: "trivet", factory: registry)
        let redis = ProcessMetrics(name: "redis-server", factory: registry, process: { server.processID })
        registry.beforeText {
            own.update()
            redis.update()
        }
        let scraper = Scraper(registry: registry)
        var work = (measured: Duration.zero, unmeasured: Duration.zero)
        try await benchmarker.measureLoss(
            .measurementOverhead,
            limitedBy: """
                two looks at the clock for each operation, and as many for each connection that is taken; \
                by this process's processor time it is \(Self.text((work.measured / work.unmeasured - 1) * 100)) %
                """
        ) { turn in
            // Forwards, and in the next turn backwards: what drifts meets both.
            let order = turn.isMultiple(of: 2) ? [0, 1, 2, 3] : [3, 2, 1, 0]
            var times = (measured: 0.0, unmeasured: 0.0)
            for index in order {
                let before = try ProcessSample.current()
                let time = try await seconds {
                    try await inParallel(Self.tasks) { try await loads[index].act($0, rounds: Self.rounds) }
                    if Self.isMeasured(index) { scraper.askIfDue() }
                }
                let used = try ProcessSample.current().since(before).map { $0.userTime + $0.systemTime } ?? .zero
                if Self.isMeasured(index) {
                    times.measured += time
                    if turn > 0 { work.measured += used }
                } else {
                    times.unmeasured += time
                    if turn > 0 { work.unmeasured += used }
                }
            }
            return times.measured / times.unmeasured
        }
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private static func isMeasured(_ index: Int) -> Bool { index == 0 || index == 3 }
}

/// Asks for the text each five seconds, which is oftener than Prometheus usually does.
private final class Scraper: Sendable {
    private let registry: PrometheusRegistry
    private let last = Mutex(ContinuousClock.now)

    init(registry: PrometheusRegistry) {
        self.registry = registry
    }

    func askIfDue() {
        let isDue = last.withLock { last in
            guard .now - last >= .seconds(5) else { return false }
            last = .now
            return true
        }
        if isDue { _ = registry.text() }
    }
}

/// What a request does: some keys, a row, now and then a look into the graph.
private struct Load: Sendable {
    private let sqlite: SQLitePool
    private let graph: GraphPool
    private let redis: RedisPool
    /// Of whole requests, as an application has it; nil for nothing measured.
    private let meter: OperationMeter?

    init(_ stores: PoolManager, _ meter: OperationMeter?) throws {
        sqlite = try stores.sqlite
        graph = try stores.graph
        redis = try stores.redis
        self.meter = meter
    }

    func act(_ task: Int, rounds: Int) async throws {
        for round in 0..<rounds {
            if let meter {
                try await meter.measure { try await request(task * rounds + round) }
            } else {
                try await request(task * rounds + round)
            }
        }
    }

    private func request(_ number: Int) async throws {
        let id = number % 1_000 + 1
        for other in id..<(id + 6) { _ = try await redis.get("key:\(other)", as: String.self) }
        try await redis.set("key:\(id)", id)
        _ = try await sqlite.read { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT name FROM users WHERE id = ?"), arguments: [id])
        }
        guard number.isMultiple(of: 5) else { return }
        _ = try await graph.query("MATCH (u:User {id: $id}) RETURN u.name", ["id": id])
    }
}
