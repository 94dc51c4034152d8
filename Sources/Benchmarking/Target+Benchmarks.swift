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
    static let transactionsTogether = Target(
        id: "bench.transactions.ratio25", summary: "units/s of 25 tasks, against uncoordinated", comparison: .atLeast,
        limit: 3, unit: "×")
    static let transactionsBatched = Target(
        id: "bench.transactions.batchable25", summary: "the same with nodes inserted for the whole group",
        comparison: .atLeast, limit: 6, unit: "×")
    static let transactionsByHand = Target(
        id: "bench.transactions.byHand25",
        summary: "units/s of 25 tasks, against a loop in C that commits 25 at a time", comparison: .atLeast, limit: 0.8,
        unit: "×")
    static let readMostly = Target(
        id: "bench.transactions.readMostly", summary: "90 % snapshots, 10 % units, against uncoordinated",
        comparison: .atLeast, limit: 1, unit: "×")
    static let recoveryTime = Target(
        id: "bench.transactions.recovery", summary: "recovery of 10 000 decided units", comparison: .below, limit: 2,
        unit: "s")
    static let growthAlone = Target(
        id: "bench.growth.alone", summary: "time of one unit alone with 1 000 000 rows and nodes, against 10 000",
        comparison: .atMost, limit: 1.25, unit: "×")
    static let growthTogether = Target(
        id: "bench.growth.together", summary: "the same of 25 tasks", comparison: .atMost, limit: 1.25, unit: "×")
    static let growthCallers = Target(
        id: "bench.growth.callers", summary: "time a unit of 200 tasks, against 25", comparison: .atMost, limit: 1.25,
        unit: "×")
    static let benchCacheLag = Target(
        id: "bench.cache.lag", summary: "from a plain commit to its sight in Redis", comparison: .below, limit: 10,
        unit: "ms")

    static let sqliteStatement = Target(
        id: "bench.sqlite.statement", summary: "point reads in one transaction, against SQLite's interface in C",
        comparison: .atMost, limit: 4, unit: "×")
    static let sqliteRead = Target(
        id: "bench.sqlite.read", summary: "time of a read of its own, against GRDB's pool", comparison: .atMost,
        limit: 1.5, unit: "×")
    static let sqliteCommit = Target(
        id: "bench.sqlite.commit", summary: "time of a durable commit, against SQLite's interface in C",
        comparison: .atMost, limit: 1.3, unit: "×")
    static let graphRatio = Target(
        id: "bench.graph.ratio", summary: "time of a prepared point read, against the same calls in C",
        comparison: .atMost, limit: 1.05, unit: "×")
    static let graphDecode = Target(
        id: "bench.graph.decode", summary: "a row of 10 columns as a Decodable value", comparison: .atMost,
        limit: 10_000, unit: "ns")
    static let redisRatio = Target(
        id: "bench.redis.ratio", summary: "requests/s of 50 connections, against redis-benchmark",
        comparison: .atLeast, limit: 0.8, unit: "×")
    static let redisPipelineRatio = Target(
        id: "bench.redis.pipelineRatio", summary: "requests/s of pipelines of 100, against redis-benchmark",
        comparison: .atLeast, limit: 0.6, unit: "×")

    static let measurementRecord = Target(
        id: "bench.measurement.record", summary: "recording one duration, processor time", comparison: .atMost,
        limit: 50, unit: "ns")
    static let measurementOverhead = Target(
        id: "bench.measurement.overhead", summary: "throughput lost with everything measured", comparison: .atMost,
        limit: 3, unit: "%")

    static let patternSQLiteTransaction = pattern("sqlite.transaction", "many rows in a transaction", 10)
    static let patternSQLitePrepared = pattern("sqlite.prepared", "and a statement prepared once", 10)
    static let patternGraphPrepared = pattern("graph.prepared", "a statement prepared once", 1)
    static let patternGraphTransaction = pattern("graph.transaction", "and many rows in a transaction", 1)
    static let patternGraphUnwind = pattern("graph.unwind", "all rows in one statement", 5)
    static let patternRedisPipeline = pattern("redis.pipelined", "pipelines of 100", 5)
    static let patternRedisMultiplexed = pattern("redis.multiplexed", "100 tasks on shared connections", 3)

    /// How many times as fast a way is as one row, or key, after the other.
    private static func pattern(_ name: String, _ summary: String, _ limit: Double) -> Target {
        Target(
            id: "bench.patterns.\(name)", summary: summary, comparison: .atLeast, limit: limit, unit: "×")
    }

    /// All of them, in the order of the suites.
    static let benchmarks: [Target] = [
        poolAcquire, poolShared, poolRedis, sqliteStatement, sqliteRead, sqliteCommit, graphRatio, graphDecode,
        redisRatio, redisPipelineRatio, transactionAlone, transactionsTogether, transactionsByHand,
        transactionsBatched, readMostly, benchCacheLag, recoveryTime, growthAlone, growthTogether, growthCallers,
        patternSQLiteTransaction, patternSQLitePrepared, patternGraphPrepared, patternGraphTransaction,
        patternGraphUnwind, patternRedisPipeline, patternRedisMultiplexed, measurementRecord, measurementOverhead,
    ]
}
