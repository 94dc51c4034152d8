import Measurement
import RedisClient
import Scenarios
import Synchronization
import Transactions

/// The tables of a file's mappings while Redis follows them, and how late it does.
struct FollowedTables: Sendable {
    /// How long after the load the last changes are waited for, before they count as never seen.
    private static let patience = Duration.seconds(5)

    let tables: [FollowedTable]
    let meter: LagMeter
    private let synchronizer: CacheSynchronizer
    private let coordinator: Coordinator
    private let life: Life

    /// Whether the synchronizer has come so far that Redis has all rows, and what has ended it.
    private final class Life: Sendable {
        let state = Mutex<(isCurrent: Bool, trouble: String?)>((false, nil))
    }

    private init(_ file: ScenarioFile, _ stage: Stage) throws {
        tables = try file.mappings.map { try FollowedTable($0) }
        coordinator = try stage.engines.stores.needCoordinator()
        synchronizer = try CacheSynchronizer(coordinator, mappings: StoreMappings(tables.map(\.mapping)))
        meter = LagMeter(stage.monitor.meter(of: Self.target(file)))
        life = Life()
    }

    /// What lags are samples of: the built-in check, where a mapping says so, or the scenario's own.
    private static func target(_ file: ScenarioFile) -> Target {
        file.mappings.contains { $0.check == Target.cacheLag.id }
            ? .cacheLag
            : Target(
                id: "\(file.id).\(Target.cacheLag.id)", summary: Target.cacheLag.summary, comparison: .below,
                limit: .infinity, unit: Target.cacheLag.unit)
    }

    /// Lets Redis follow a file's mappings for the length of `body`, which begins when Redis has all rows.
    ///
    /// - Parameter body: gets nil for a file without mappings.
    /// - Throws: `MappingError` for mappings that don't fit the tables; what `body` throws.
    static func following<Value: Sendable>(
        _ file: ScenarioFile, _ stage: Stage, _ body: @escaping @Sendable (FollowedTables?) async throws -> Value
    ) async throws -> Value {
        guard !file.mappings.isEmpty else { return try await body(nil) }
        stage.monitor.prepare("rows that Redis follows")
        let followed = try FollowedTables(file, stage)
        return try await followed.during(stage) { try await body(followed) }
    }

    private func during<Value: Sendable>(
        _ stage: Stage, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        let observer = try LagObserver(redis: stage.engines.directRedis(), tables: tables, meter: meter)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await follow()
                return nil
            }
            group.addTask {
                await observer.run { isReady.yield() }
                return nil
            }
            group.addTask {
                try await synchronizer.waitUntilCurrent()
                life.state.withLock { $0.isCurrent = true }
                for await _ in ready { break }
                return try await body()
            }
            while let result = try await group.next() {
                if let value = result { return value }
            }
            throw CancellationError()
        }
    }

    /// What ends it before it is current ends the run; later it is something that the run has found.
    private func follow() async throws {
        do {
            try await synchronizer.run()
        } catch {
            let isCurrent = life.state.withLock { state in
                state.trouble = "\(error)"
                return state.isCurrent
            }
            if !isCurrent { throw error }
        }
    }

    func table(_ name: String) throws -> FollowedTable {
        guard let table = tables.first(where: { $0.definition.table == name }) else {
            throw WrongAnswer(description: "there is no mapping of \"\(name)\"")
        }
        return table
    }

    // MARK: Afterwards

    /// What came of it.
    struct Outcome: Sendable {
        /// What speaks against the run, in words.
        var findings: [String] = []
        /// Where the keys are not what their rows say; nil where they are, or nobody looked.
        var difference: String?
        var agreement: StoreAgreement?
        /// The built-in check, if some mapping's lags are samples of it.
        var figure: CheckResult?
    }

    /// Waits for what is still to be seen, and compares all keys with their rows.
    ///
    /// - Parameter compares: whether to compare.
    func finish(_ stage: Stage, compares: Bool) async throws -> Outcome {
        var outcome = Outcome()
        let seen = try await meter.finish(within: Self.patience)
        if seen.neverSeen > 0 { outcome.findings.append("\(seen.neverSeen) changes were never seen in Redis") }
        if seen.stepsBack > 0 {
            outcome.findings.append("Redis went back to an older value \(seen.stepsBack) times")
        }
        let trouble = life.state.withLock { $0.trouble } ?? synchronizer.status.lastError.map { "\($0)" }
        if let trouble { outcome.findings.append("Redis does not follow SQLite: \(trouble)") }
        if tables.contains(where: { $0.definition.check == Target.cacheLag.id }) {
            outcome.figure = CheckResult(
                .cacheLag, seen.lag, endless: seen.neverSeen, resolution: seen.uncertainty.percentile(99))
        }
        guard compares else { return outcome }
        let agreement = try await agreement()
        outcome.agreement = agreement
        outcome.difference = agreement.difference
        return outcome
    }

    /// Whether each key holds what its row says.
    private func agreement() async throws -> StoreAgreement {
        var configuration = ConsistencyVerifier.Configuration()
        configuration.patience = Self.patience
        let report = try await ConsistencyVerifier(
            coordinator, mappings: StoreMappings(tables.map(\.mapping)), configuration: configuration
        ).verify()
        let keys = report.parts.reduce(0) { $0 + $1.keys }
        // After the load nothing is under way any more, so what is still to come is as bad as what is wrong.
        var agreement = StoreAgreement(compared: keys, same: keys - report.differenceCount - report.pending)
        var parts = report.differences.prefix(3).map { "\($0)" }
        if report.pending > 0 { parts.append("\(report.pending) keys are not up to date") }
        if !parts.isEmpty { agreement.difference = parts.joined(separator: "; ") }
        return agreement
    }
}
