import Analytics
import GRDB
import RedisClient
import Stores

/// S4: what users do is committed in the three stores, followed by the analytics engine, and what that comes to is cached in Redis and compared with a
/// recomputation in SQL.
struct UserAnalytics: ProgrammedScenario {
    static let id = "user-analytics"
    static let summary = "actions in three stores, analysed as they are committed, cached, and recomputed from SQLite"

    /// Actions a second.
    var rate = 100.0
    /// How long after it was due an action may begin, before it is dropped.
    var actionPatience: Duration = .seconds(1)
    /// What happens between the load and the comparison; nil for nothing.
    var beforeComparison: (@Sendable (LiveEngines) async throws -> Void)?

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        let monitor = stage.monitor
        monitor.prepare("items and a log of actions")
        let log = ActionLog(engines: stage.engines)
        let first = try await log.prepare()
        let results = CachedResults(redis: stage.engines.redis, first: first)
        let simulator = DataFlowSimulator(stage: stage, log: log, rate: rate, actionPatience: actionPatience)
        let record = try await simulator.run(after: first) { try await results.store($0) }
        var findings: [String] = []
        if let trouble = record.trouble { findings.append("the engine's results are not all cached: \(trouble)") }
        var figures: [CheckResult] = []
        var agreement: StoreAgreement?
        if !monitor.isStopping {
            try await beforeComparison?(stage.engines)
            let comparison = try await results.compare(stage.engines, simulator.configuration)
            findings += comparison.differences
            var check = CheckResult(
                .analyticsConsistency,
                value: Double(comparison.same) / Double(max(1, comparison.compared)) * 100,
                samples: comparison.compared)
            check.beyond = comparison.compared - comparison.same
            figures.append(check)
            agreement = try await log.agreement(after: first)
            if let difference = agreement?.difference { findings.append(difference) }
        }
        return stage.outcome(of: record, Self.id, findings: findings, figures: figures, agreement: agreement)
    }
}

extension Stage {
    /// What a flow of data has come to. Its own promise: at least 99 % of the actions succeed, and nothing is found besides.
    func outcome(
        of record: DataFlowSimulator.Record, _ id: String, findings: [String], figures: [CheckResult],
        agreement: StoreAgreement?
    ) -> ScenarioOutcome {
        for finding in findings { monitor.countFinding(finding) }
        let counts = record.actions.counts
        var outcome = outcome(id, figures: figures)
        outcome.result.pass = findings.isEmpty && Double(monitor.failures) <= Double(monitor.operations) * 0.01
        outcome.result.streams = [record.actions.result]
        outcome.latencies = record.actions.samples
        outcome.transactions = Attempts(asked: counts.begun, succeeded: counts.succeeded)
        outcome.agreement = agreement
        return outcome
    }
}

/// The engine's results in Redis, where a service would look for them.
struct CachedResults: Sendable {
    let redis: RedisPool
    /// The last action before the flow: each has keys of its own.
    let first: Int

    private static let expiry = Duration.seconds(3_600)

    var totalsKey: String { "analytics:\(first):total" }
    func key(_ kind: String, _ start: Int) -> String { "analytics:\(first):\(kind):\(start)" }

    func store(_ step: DataFlowSimulator.Step) async throws {
        var values = [(totalsKey, try AnalyticsReport.text(AnalyticsReport.Totals(step.engine, through: step.through)))]
        for (kind, windows) in [("tumbling", step.closed.tumbling), ("sliding", step.closed.sliding)] {
            values += try windows.map { (key(kind, $0.start), try AnalyticsReport.text(AnalyticsReport.Window($0))) }
        }
        let milliseconds = Int(Self.expiry / .milliseconds(1))
        for reply in await redis.pipeline(values.map { RedisCommand("SET", $0.0, $0.1, "PX", milliseconds) }) {
            _ = try reply.get()
        }
    }

    /// What Redis holds, beside what SQLite says of all actions since the flow's beginning.
    func compare(
        _ engines: LiveEngines, _ configuration: AnalyticsEngine.Configuration
    ) async throws -> ReportComparison {
        let first = first
        let (last, totals, tumbling, sliding) = try await engines.sqlite.read { database in
            let last = try Int.fetchOne(database, sql: "SELECT max(id) FROM actions") ?? first
            let truth = AnalyticsRecomputation(first: first, last: last, configuration: configuration)
            return (
                last, try truth.totals(in: database),
                try truth.windows(width: configuration.tumbling, slide: configuration.tumbling, in: database),
                try truth.windows(width: configuration.sliding, slide: configuration.slide, in: database)
            )
        }
        var comparison = ReportComparison()
        let found: AnalyticsReport.Totals? = try await redis.get(totalsKey).map { try AnalyticsReport.read($0) }
        comparison.add(found, totals, through: last)
        for (kind, windows) in [("tumbling", tumbling), ("sliding", sliding)] {
            for truth in windows {
                let text = try await redis.get(key(kind, truth.start))
                comparison.add("\(kind) window at \(truth.start)", try text.map { try AnalyticsReport.read($0) }, truth)
            }
        }
        return comparison
    }
}
