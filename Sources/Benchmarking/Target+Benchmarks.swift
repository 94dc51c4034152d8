import LoadTesting

extension Target {
    static let poolAcquire = Target(
        id: "bench.pool.acquire", summary: "acquire and release of an idle connection", comparison: .atMost, limit: 150,
        unit: "ns")
    static let poolShared = Target(
        id: "bench.pool.shared", summary: "8 tasks on a pool of 8, acquires a second", comparison: .atLeast, limit: 3,
        unit: "M/s")
    static let poolRedis = Target(
        id: "bench.pool.redis", summary: "GET of 100 users through the pool, against one connection",
        comparison: .atLeast, limit: 0.9, unit: "×")
    static let transactionAlone = Target(
        id: "bench.transactions.ratio1", summary: "time of one unit alone, against uncoordinated", comparison: .atMost,
        limit: 1.3, unit: "×")
    static let readMostly = Target(
        id: "bench.transactions.readMostly", summary: "90 % snapshots, 10 % units, against uncoordinated",
        comparison: .atLeast, limit: 1, unit: "×")
    static let recoveryTime = Target(
        id: "bench.transactions.recovery", summary: "recovery of 10 000 decided units", comparison: .below, limit: 2,
        unit: "s")
    static let benchCacheLag = Target(
        id: "bench.cache.lag", summary: "from a plain commit to its sight in Redis", comparison: .below, limit: 10,
        unit: "ms")
}
