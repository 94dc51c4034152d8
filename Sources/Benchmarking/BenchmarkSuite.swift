/// What `trivet bench` can measure.
package enum BenchmarkSuite: String, Sendable, CaseIterable {
    case pools, sqlite, kuzu, redis, transactions, growth, patterns, measurement

    /// What it does, in a sentence.
    package var summary: String {
        switch self {
        case .pools:
            "what a pool costs: an idle connection taken and given back; a GET through the pool against one without"
        case .sqlite:
            "statements and durable commits against SQLite's interface in C; reads against GRDB's pool"
        case .kuzu:
            "a prepared read against the same calls in C; what a row costs as a Decodable value"
        case .redis:
            "requests/s against redis-benchmark on the same server, one by one and in pipelines"
        case .transactions:
            "transactions over three stores against the same writes without coordination; snapshots; recovery; lag of Redis"
        case .growth:
            "what a transaction costs with a million rows and nodes against ten thousand, and of 200 callers against 25"
        case .patterns:
            "how many times as fast each store's own best way is: rows in a transaction, UNWIND, pipelines"
        case .measurement:
            "what measuring costs: recording a duration; the throughput that is lost with everything measured"
        }
    }

    func run(_ benchmarker: Benchmarker) async throws {
        switch self {
        case .pools: try await PoolBenchmarks(benchmarker: benchmarker).run()
        case .sqlite: try await SQLiteBenchmarks(benchmarker: benchmarker).run()
        case .kuzu: try await GraphBenchmarks(benchmarker: benchmarker).run()
        case .redis: try await RedisBenchmarks(benchmarker: benchmarker).run()
        case .transactions: try await TransactionBenchmarks(benchmarker: benchmarker).run()
        case .growth: try await GrowthBenchmarks(benchmarker: benchmarker).run()
        case .patterns: try await PatternBenchmarks(benchmarker: benchmarker).run()
        case .measurement: try await MeasurementBenchmarks(benchmarker: benchmarker).run()
        }
    }
}
