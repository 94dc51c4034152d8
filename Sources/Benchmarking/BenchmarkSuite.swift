/// What `trivet bench` can measure.
package enum BenchmarkSuite: String, Sendable, CaseIterable {
    case pools, transactions

    /// What it does, in a sentence.
    package var summary: String {
        switch self {
        case .pools:
            "what a pool costs: an idle connection taken and given back; a GET through the pool against one without"
        case .transactions:
            "transactions over three stores against the same writes without coordination; snapshots; recovery; lag of Redis"
        }
    }

    func run(_ benchmarker: Benchmarker) async throws {
        switch self {
        case .pools: try await PoolBenchmarks(benchmarker: benchmarker).run()
        case .transactions: try await TransactionBenchmarks(benchmarker: benchmarker).run()
        }
    }
}
