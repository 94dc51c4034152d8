/// S11: what each store's own best way is worth, beside the one that comes to mind first.
struct PatternBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        try await SQLitePatterns(benchmarker: benchmarker).run()
        try await GraphPatterns(benchmarker: benchmarker).run()
        try await RedisPatterns(benchmarker: benchmarker).run()
    }
}
