import Analytics
import LiveFeed
import Measurement
import Synchronization

/// S5: what users do is committed, followed by the analytics engine, stored and cached, and shown on a dashboard; how long it takes from an action to its
/// sight by a client over HTTP.
struct LiveDashboard: ProgrammedScenario {
    static let id = "live-dashboard"
    static let summary = "from a user's action over the analytics engine to what a dashboard's client receives"

    /// Actions a second.
    var rate = 100.0
    /// After so many actions nothing is shown any more: a fault, which has to show. Nil for none.
    var showsUntil: Int?
    /// How long after the load the last actions are waited for, before they count as never seen.
    var patience: Duration = .seconds(5)

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        stage.monitor.prepare("a dashboard")
        let log = ActionLog(engines: stage.engines), board = MetricsBoard(engines: stage.engines)
        let first = try await log.prepare()
        try await board.prepare()
        let server = try await FeedServer.start(board.site, board.feed, configuration: .init())
        let result: Result<ScenarioOutcome, any Error>
        do {
            result = .success(try await run(stage, log, board, port: server.port, after: first))
        } catch {
            result = .failure(error)
        }
        await server.stop()
        return try result.get()
    }

    private func run(
        _ stage: Stage, _ log: ActionLog, _ board: MetricsBoard, port: Int, after first: Int
    ) async throws -> ScenarioOutcome {
        let origin = ContinuousClock.now
        let meter = SightMeter(origin: origin, stage.monitor.meter(of: .dashboardLatency))
        let client = Client(meter: meter)
        return try await withThrowingTaskGroup(of: ScenarioOutcome?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await DashboardClient(port: port).read { try client.see($0) }
                return nil
            }
            group.addTask { try await measure(stage, log, board, client, after: first, from: origin) }
            while let result = try await group.next() {
                if let outcome = result { return outcome }
            }
            throw CancellationError()
        }
    }

    private func measure(
        _ stage: Stage, _ log: ActionLog, _ board: MetricsBoard, _ client: Client, after first: Int,
        from origin: ContinuousClock.Instant
    ) async throws -> ScenarioOutcome {
        let meter = client.meter
        var simulator = DataFlowSimulator(stage: stage, log: log, rate: rate)
        // People don't see figures change more often.
        simulator.interval = .milliseconds(100)
        simulator.announce = { operation, row in
            meter.change { tracker in
                tracker.announce(operation.number, row: row, due: operation.due, isCounted: operation.isCounted)
            }
        }
        simulator.ended = { operation, succeeded in
            meter.change { $0.end(operation.number, isCommitted: succeeded) }
        }
        let limit = showsUntil.map { first + $0 } ?? Int.max
        let record = try await simulator.run(after: first, from: origin) { step in
            if step.through <= limit { try await board.show(step) }
        }
        let seen = try await meter.finish(within: patience)
        var findings: [String] = []
        if let trouble = record.trouble { findings.append("the figures could not be stored: \(trouble)") }
        if seen.neverSeen > 0 { findings.append("\(seen.neverSeen) actions were never seen on the dashboard") }
        if seen.stepsBack > 0 { findings.append("the dashboard went back \(seen.stepsBack) times") }
        var agreement: StoreAgreement?
        if !stage.monitor.isStopping {
            agreement = try await agree(stage.engines, board, client, record, simulator.configuration)
            if let difference = agreement?.difference { findings.append(difference) }
        }
        let latency = CheckResult(.dashboardLatency, seen.latency, endless: seen.neverSeen, resolution: nil)
        return stage.outcome(of: record, Self.id, findings: findings, figures: [latency], agreement: agreement)
    }

    /// Whether SQLite, Redis and the client have the same last figures, and whether these are what SQL makes of the actions.
    private func agree(
        _ engines: LiveEngines, _ board: MetricsBoard, _ client: Client, _ record: DataFlowSimulator.Record,
        _ configuration: AnalyticsEngine.Configuration
    ) async throws -> StoreAgreement {
        let deadline = ContinuousClock.now + patience
        while client.text != board.text, .now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        var agreement = try await board.agreement(shown: client.text)
        let truth = AnalyticsRecomputation(first: record.first, last: record.last, configuration: configuration)
        var comparison = ReportComparison()
        comparison.add(
            try client.text.map { try AnalyticsReport.read($0) },
            try await engines.sqlite.read { try truth.totals(in: $0) }, through: record.last)
        agreement.compared += comparison.compared
        agreement.same += comparison.same
        agreement.difference = agreement.difference ?? comparison.differences.first
        return agreement
    }

    /// What the client has received.
    private final class Client: Sendable {
        let meter: SightMeter
        private let state = Mutex<String?>(nil)

        var text: String? { state.withLock { $0 } }

        init(meter: SightMeter) {
            self.meter = meter
        }

        func see(_ parts: [FeedPart]) throws {
            let moment = ContinuousClock.now - meter.origin
            for part in parts where part.id == MetricsBoard.part {
                let totals = try AnalyticsReport.read(part.text, as: AnalyticsReport.Totals.self)
                state.withLock { $0 = part.text }
                meter.change { $0.see(through: totals.through, at: moment) }
            }
        }
    }
}
