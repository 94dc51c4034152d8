import Benchmark
import CGraphReference
import LocalEngines
@_spi(Benchmarks) import Trivet

/// Thousandths, since a metric is a whole number: 1 050 is 1.05.
private let timeAgainstC = BenchmarkMetric.custom(
    "time against the same calls in C × 1000", polarity: .prefersSmaller, useScalingFactor: false)
private let perRow = BenchmarkMetric.custom("nanoseconds a row", polarity: .prefersSmaller, useScalingFactor: false)

private let users = 1_000
private let readsPerTurn = 10
private let warmUpBlocks = 50

let benchmarks: @Sendable () -> Void = {
    let configuration = Benchmark.Configuration(
        metrics: [timeAgainstC], warmupIterations: 0, scalingFactor: .kilo, maxDuration: .seconds(60), maxIterations: 3)

    // A thousand blocks on each of three new databases. Their median is what counts, and wants a quiet machine: with ten
    // other processes at work on two cores, C against C was 1.07 in one run of six.
    Benchmark("bench.graph.ratio: prepared point read", configuration: configuration) { benchmark in
        try await withDatabase { database in
            let reference = try openReference(on: database)
            defer { graph_reference_close(OpaquePointer(bitPattern: reference)) }
            try await database.withSession { session in
                for block in 0..<warmUpBlocks { _ = try await session.run { try ratio(ofBlock: block, reference, $0) } }
                for block in benchmark.scaledIterations {
                    let result = try await session.run { try ratio(ofBlock: block, reference, $0) }
                    benchmark.measurement(timeAgainstC, Int(result * 1_000))
                }
            }
        }
    }

    let decoding = Benchmark.Configuration(
        metrics: [perRow], warmupIterations: 0, scalingFactor: .kilo, maxDuration: .seconds(10), maxIterations: 1)

    Benchmark("row of 10 columns: decode", configuration: decoding) { benchmark in
        try await withDatabase { database in
            let result = try await database.withSession { try await $0.query(tenColumns) }
            for _ in benchmark.scaledIterations {
                let start = ContinuousClock.now
                blackHole(try result.decode(Row.self))
                benchmark.measurement(perRow, Int((ContinuousClock.now - start) / .nanoseconds(1)) / result.count)
            }
        }
    }

    Benchmark("row of 10 columns: copy out of the engine", configuration: decoding) { benchmark in
        try await withDatabase { database in
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

/// The time of Swift by the time of C, both on the session's thread and in turns, so that what slows one down slows the
/// other down. Each is first in every second block.
private func ratio(ofBlock number: Int, _ reference: UInt, _ connection: GraphConnection) throws -> Double {
    let read = try connection.prepare("MATCH (u:User {id: $id}) RETURN u.name")
    var c = Duration.zero
    var swift = Duration.zero
    for turn in 0..<4 {
        // Both read the same users: C, Swift, Swift, C, and in the next block the other way round.
        let first = (number * 2 + turn / 2) * readsPerTurn
        if (turn == 0 || turn == 3) == number.isMultiple(of: 2) {
            c += readInC(reference, first)
        } else {
            swift += try readInSwift(read, first)
        }
    }
    return swift / c
}

private func readInC(_ reference: UInt, _ first: Int) -> Duration {
    let start = ContinuousClock.now
    let found = graph_reference_read(
        OpaquePointer(bitPattern: reference), UInt64(first), UInt64(readsPerTurn), UInt64(users))
    let duration = ContinuousClock.now - start
    precondition(found == readsPerTurn)
    return duration
}

private func readInSwift(_ read: GraphStatement, _ first: Int) throws -> Duration {
    let start = ContinuousClock.now
    for id in first..<(first + readsPerTurn) { blackHole(try read.query(["id": id % users])) }
    return ContinuousClock.now - start
}

private struct Row: Decodable {
    var a: Int, b: Int, c: Int, d: Double, e: Double, f: String, g: String, h: Bool, i: Int, j: String?
}

private let tenColumns = """
    UNWIND range(1, 5000) AS x RETURN x AS a, x + 1 AS b, x + 2 AS c, x / 3.0 AS d, x * 0.5 AS e,
    'name ' + cast(x AS STRING) AS f, 'a text that is longer than a small one' AS g, x > 100 AS h, x - 1 AS i, NULL AS j
    """

/// The calls in C, on a connection of their own to the same database: with a database of their own they would have other
/// worker threads, and which threads the system wakes sooner would decide. An address, since a pointer can't go to the
/// session's thread.
private func openReference(on database: GraphDatabase) throws -> UInt {
    let connection = try database.makeEngineConnection()
    guard let reference = graph_reference_open(database.engine.path, connection) else {
        throw GraphError.misuse("The C reference can't prepare its statement.")
    }
    return UInt(bitPattern: reference)
}

private func withDatabase(_ body: (GraphDatabase) async throws -> Void) async throws {
    try await TemporaryDirectory.withDirectory { folder in
        var configuration = GraphDatabase.Configuration()
        configuration.maxThreads = 2
        try await GraphDatabase.withDatabase(at: folder.path(of: "graph"), configuration: configuration) { database in
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
                let rows = GraphParameters.rows(0..<users) { ["id": $0, "name": "user \($0)"] }
                try await session.execute(
                    "UNWIND $rows AS r CREATE (:User {id: r.id, name: r.name})", ["rows": rows])
            }
            try await database.checkpoint()
            try await body(database)
        }
    }
}
