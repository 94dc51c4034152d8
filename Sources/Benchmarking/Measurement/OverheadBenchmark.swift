import Foundation
import GRDB
import LocalEngines
import Measurement
import Metrics
import MetricsExport
import RedisClient
import Stores

/// The throughput that is lost with everything measured, against the same work on the same engines with nothing measured.
struct OverheadBenchmark {
    let benchmarker: Benchmarker

    /// Short turns: what else the machine does comes and goes, and in a turn of tens of milliseconds it meets both sides alike.
    private static let (tasks, rounds, cycles) = (8, 10, 16)

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
        configuration.graph = .init(path: path + ".graph")
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
        var work = (measured: 0.0, unmeasured: 0.0)
        try await benchmarker.measureLoss(
            .measurementOverhead,
            limitedBy: """
                two looks at the clock and three numbers counted for each operation; \
                by this process's processor time it is \(Self.text((work.measured / work.unmeasured - 1) * 100)) %
                """
        ) { turn in
            var measured = Cost(), unmeasured = Cost()
            for cycle in 0..<Self.cycles {
                // Forwards, and in the next cycle backwards: what drifts meets both.
                for index in cycle.isMultiple(of: 2) ? [0, 1, 2, 3] : [3, 2, 1, 0] {
                    let cost = try await Cost.of {
                        try await inParallel(Self.tasks) { try await loads[index].act($0, rounds: Self.rounds) }
                    }
                    if Self.isMeasured(index) { measured += cost } else { unmeasured += cost }
                }
            }
            // Somebody asks for the text each five seconds, which is oftener than Prometheus usually does. Its share of this time is added, because
            // it would fall into few of the repetitions, and a median knows nothing of those.
            let text = await Cost.of { _ = registry.text() }
            measured += text * (measured.seconds / 5)
            if turn > 0 {
                work.measured += measured.processor
                work.unmeasured += unmeasured.processor
            }
            return measured.seconds / unmeasured.seconds
        }
    }

    private static func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    private static func isMeasured(_ index: Int) -> Bool { index == 0 || index == 3 }
}

/// What a piece of work takes: time, and the processors' time of this process.
private struct Cost {
    var seconds = 0.0
    var processor = 0.0

    static func of(_ work: () async throws -> Void) async rethrows -> Cost {
        let before = processorTime()
        let time = try await Benchmarking.seconds(work)
        return Cost(seconds: time, processor: Double(processorTime() - before) / 1e9)
    }

    static func += (a: inout Cost, b: Cost) {
        a.seconds += b.seconds
        a.processor += b.processor
    }

    static func * (a: Cost, factor: Double) -> Cost {
        Cost(seconds: a.seconds * factor, processor: a.processor * factor)
    }

    /// Nanoseconds that this process's threads have had a processor.
    private static func processorTime() -> UInt64 {
        #if canImport(Darwin)
            clock_gettime_nsec_np(CLOCK_PROCESS_CPUTIME_ID)
        #else
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        #endif
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
