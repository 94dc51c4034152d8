import Benchmark
import CGraphReference
import LocalEngines
import Trivet

/// Thousandths, since a metric is a whole number: 1 050 is 1.05.
private let ratio = BenchmarkMetric.custom(
    "time against the same calls in C × 1000", polarity: .prefersSmaller, useScalingFactor: false)
private let perRow = BenchmarkMetric.custom("nanoseconds a row", polarity: .prefersSmaller, useScalingFactor: false)

private let users = 1_000
private let readsPerTurn = 100

let benchmarks: @Sendable () -> Void = {
    let configuration = Benchmark.Configuration(
        metrics: [ratio], warmupIterations: 10, maxDuration: .seconds(40), maxIterations: 500)

    // Both sides read in turns within one run, so that the machine's moods meet both.
    Benchmark("bench.graph.ratio: prepared point read", configuration: configuration) { benchmark in
        try await withDatabase { database, reference in
            let address = UInt(bitPattern: reference)
            try await database.withSession { session in
                for _ in benchmark.scaledIterations {
                    // Both on the session's thread, where neither has an advantage.
                    let (c, swift) = try await session.run { connection in
                        (readInC(address), try readInSwift(connection))
                    }
                    benchmark.measurement(ratio, Int(swift / c * 1_000))
                }
            }
        }
    }

    let decoding = Benchmark.Configuration(
        metrics: [perRow], warmupIterations: 3, maxDuration: .seconds(10), maxIterations: 100)

    Benchmark("row of 10 columns: decode", configuration: decoding) { benchmark in
        try await withDatabase { database, _ in
            let result = try await database.withSession { try await $0.query(tenColumns) }
            for _ in benchmark.scaledIterations {
                let start = ContinuousClock.now
                blackHole(try result.decode(Row.self))
                benchmark.measurement(perRow, Int((ContinuousClock.now - start) / .nanoseconds(1)) / result.count)
            }
        }
    }

    Benchmark("row of 10 columns: copy out of the engine", configuration: decoding) { benchmark in
        try await withDatabase { database, _ in
            try await database.withSession { session in
                for _ in benchmark.scaledIterations {
                    let (all, execution, count) = try await session.run { connection in
                        var start = ContinuousClock.now
                        try connection.execute(tenColumns)
                        let execution = ContinuousClock.now - start
                        start = .now
                        let result = try connection.query(tenColumns)
                        return (ContinuousClock.now - start, execution, result.count)
                    }
                    benchmark.measurement(perRow, max(0, Int((all - execution) / .nanoseconds(1)) / count))
                }
            }
        }
    }
}

private func readInC(_ address: UInt) -> Duration {
    let start = ContinuousClock.now
    let found = graph_reference_read(OpaquePointer(bitPattern: address), 0, UInt64(readsPerTurn), UInt64(users))
    let duration = ContinuousClock.now - start
    precondition(found == readsPerTurn)
    return duration
}

private func readInSwift(_ connection: GraphConnection) throws -> Duration {
    let read = try connection.prepare("MATCH (u:User {id: $id}) RETURN u.name")
    let start = ContinuousClock.now
    for id in 0..<readsPerTurn { blackHole(try read.query(["id": id % users])) }
    return ContinuousClock.now - start
}

private struct Row: Decodable {
    var a: Int, b: Int, c: Int, d: Double, e: Double, f: String, g: String, h: Bool, i: Int, j: String?
}

private let tenColumns = """
    UNWIND range(1, 5000) AS x RETURN x AS a, x + 1 AS b, x + 2 AS c, x / 3.0 AS d, x * 0.5 AS e,
    'name ' + cast(x AS STRING) AS f, 'a text that is longer than a small one' AS g, x > 100 AS h, x - 1 AS i, NULL AS j
    """

/// The same users in two databases: one for the Swift client, one for C, since neither may open the other's.
private func withDatabase(
    _ body: (GraphDatabase, OpaquePointer) async throws -> Void
) async throws {
    try await TemporaryDirectory.withDirectory { folder in
        var configuration = GraphDatabase.Configuration()
        configuration.maxThreads = 2
        for name in ["swift", "c"] {
            try await GraphDatabase.withDatabase(at: folder.path(of: name), configuration: configuration) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
                    let rows = GraphParameters.rows(0..<users) { ["id": $0, "name": "user \($0)"] }
                    try await session.execute(
                        "UNWIND $rows AS r CREATE (:User {id: r.id, name: r.name})", ["rows": rows])
                }
                try await database.checkpoint()
            }
        }
        try await GraphDatabase.withDatabase(at: folder.path(of: "swift"), configuration: configuration) { database in
            guard let reference = graph_reference_open(database.engine.path, folder.path(of: "c"), 2) else {
                throw GraphError.cannotOpen(path: folder.path(of: "c"), reason: "the C reference can't open it")
            }
            defer { graph_reference_close(reference) }
            try await body(database, reference)
        }
    }
}
