import Measurement
import Transactions

/// S3: a cache under reads and writes, while Redis follows rows of SQLite that are changed outside of coordinated
/// transactions, by this process and by a connection that Trivet knows nothing of.
struct CacheSync: ProgrammedScenario {
    static let id = "cache-sync"
    static let summary =
        "100 cache operations/s, and Redis follows 50 updates/s of SQLite, a quarter of them another program's"

    /// Operations a second.
    var cacheRate = 100.0
    var updateRate = 50.0
    /// After so many updates the synchronizer ends: a fault, which has to show. Nil for none.
    var synchronizerEndsAfter: Int?
    /// How long after the load the last changes are waited for, before they count as never seen.
    var patience: Duration = .seconds(5)

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        stage.monitor.prepare("products that Redis follows")
        let meter = LagMeter(stage.monitor.meter(of: .cacheLag))
        let products = Products(
            engines: stage.engines, meter: meter, count: max(200, Int(1_000 * stage.plan.scale)))
        try await products.prepare()
        let synchronizer = try CacheSynchronizer(stage.engines.coordinator, mappings: [Products.mapping])
        let following = Task { try await synchronizer.run() }
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        return try await withThrowingTaskGroup(of: ScenarioOutcome?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await withTaskCancellationHandler {
                    try await following.value
                } onCancel: {
                    following.cancel()
                }
                return nil
            }
            group.addTask {
                await LagObserver(endpoint: stage.engines.server.endpoint, meter: meter).run { isReady.yield() }
                return nil
            }
            group.addTask {
                try await synchronizer.waitUntilCurrent()
                for await _ in ready { break }
                return try await measure(stage, products, synchronizer, endSynchronizer: { following.cancel() })
            }
            while let result = try await group.next() {
                if let outcome = result { return outcome }
            }
            throw CancellationError()
        }
    }

    private func measure(
        _ stage: Stage, _ products: Products, _ synchronizer: CacheSynchronizer,
        endSynchronizer: @escaping @Sendable () -> Void
    ) async throws -> ScenarioOutcome {
        let stranger = try await Stranger(path: stage.engines.sqlite.path)
        let limit = synchronizerEndsAfter
        let cache = OpenStream(name: "cache", rate: cacheRate) { _, generator in
            try await cacheOperation(on: products, using: &generator)
        }
        let updates = OpenStream(name: "updates", rate: updateRate) { operation, generator in
            if operation.number == limit { endSynchronizer() }
            return try await update(operation, of: products, or: stranger, using: &generator)
        }
        let result: Result<[OpenRecord], any Error>
        do {
            result = .success(
                try await OpenLoad(plan: stage.plan, monitor: stage.monitor).run([cache, updates]))
        } catch {
            result = .failure(error)
        }
        try? await stranger.close()
        return try await judge(stage, products, synchronizer, try result.get())
    }

    private func judge(
        _ stage: Stage, _ products: Products, _ synchronizer: CacheSynchronizer, _ records: [OpenRecord]
    ) async throws -> ScenarioOutcome {
        let monitor = stage.monitor
        let seen = try await products.meter.finish(within: patience)
        var findings: [String] = []
        if seen.neverSeen > 0 { findings.append("\(seen.neverSeen) updates were never seen in Redis") }
        if seen.stepsBack > 0 { findings.append("Redis went back to an older value \(seen.stepsBack) times") }
        if let error = synchronizer.status.lastError { findings.append("the synchronizer: \(error)") }
        var agreement: StoreAgreement?
        if !monitor.isStopping {
            agreement = try await products.agreement(within: patience)
            if let difference = agreement?.difference { findings.append(difference) }
        }
        for finding in findings { monitor.countFinding(finding) }
        var outcome = stage.outcome(
            Self.id,
            figures: [
                CheckResult(
                    .cacheLag, seen.lag, endless: seen.neverSeen, resolution: seen.uncertainty.percentile(99))
            ])
        // The scenario's own promise: at least 99 % of the operations succeed, and nothing is found besides.
        outcome.result.pass = findings.isEmpty && Double(monitor.failures) <= Double(monitor.operations) * 0.01
        outcome.result.streams = records.map(\.result)
        outcome.agreement = agreement
        for record in records {
            outcome.latencies.merge(record.samples) { own, more in
                var sum = own
                sum.add(more)
                return sum
            }
        }
        return outcome
    }

    // MARK: The operations

    private func cacheOperation(on products: Products, using generator: inout SplitMix64) async throws -> Target? {
        let user = Int.random(in: 1...1_000, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5: try await products.copy(of: products.pick(using: &generator))
        case 5..<7: try await products.session(of: user)
        case 7..<9: try await products.startSession(of: user)
        default:
            // Now and then more than one operation of Redis.
            try await products.summary(of: Int.random(in: 0..<Products.categories, using: &generator))
            return nil
        }
        return .redisOperation
    }

    private func update(
        _ operation: OpenSchedule.Operation, of products: Products, or stranger: Stranger,
        using generator: inout SplitMix64
    ) async throws -> Target? {
        let id = products.pick(using: &generator)
        let price = Int.random(in: 100..<10_000, using: &generator)
        let isStrange = Int.random(in: 0..<4, using: &generator) == 0
        if isStrange {
            try await stranger.write {
                try products.update(id, price: price, isCounted: operation.isCounted, in: $0)
            }
            return nil
        }
        try await products.engines.sqlite.write {
            try products.update(id, price: price, isCounted: operation.isCounted, in: $0)
        }
        return .sqliteTransaction
    }
}
