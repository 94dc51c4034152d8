import Analytics
import Foundation
import GRDB
import Measurement
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S4: actions are analysed as they are committed", .timeLimit(.minutes(5))) struct UserAnalyticsTests {
    private var scenario: UserAnalytics {
        var scenario = UserAnalytics()
        // What a machine can do that is busy with other tests.
        scenario.rate = 150
        return scenario
    }

    private func consistency(_ outcome: ScenarioOutcome) throws -> CheckResult {
        try #require(outcome.figures.first { $0.id == "user-analytics.consistency" })
    }

    @Test("S4: the time in sessions is told to the millisecond, however long it is")
    func sessionTime() {
        var configuration = AnalyticsEngine.Configuration()
        configuration.sessionGap = .seconds(10_000)
        // Found by a run of minutes: divided as a floating-point number, this length is not a whole number.
        for length in [8_282_997, 1, 999, 8_282_998] {
            var engine = AnalyticsEngine(configuration)
            for moment in [0, length] {
                _ = engine.add(AnalyticsEvent(moment: moment, user: 1, kind: "view", item: 1, spent: .zero))
            }
            _ = engine.finish()
            #expect(AnalyticsReport.Totals(engine, through: 0).sessionTime == length)
        }
    }

    @Test("S4: what the engine cached is what SQL makes of SQLite, and graph and Redis hold the same actions")
    func agrees() async throws {
        var scenario = scenario
        // All of them are asked for, so a machine that is busy with other tests must not drop one.
        scenario.rate = 60
        scenario.actionPatience = .seconds(10)
        try await withStage(steady: .seconds(6)) { [scenario] stage in
            let outcome = try await scenario.run(stage)
            #expect(outcome.result.failureKinds == [] && outcome.result.pass, "\(outcome.result.failureKinds)")
            let check = try consistency(outcome)
            #expect(check.verdict == .pass && check.value == 100 && check.isOfConsistency)
            // The total, and at least one window of each kind, by several figures each.
            #expect(check.samples > 25)
            let agreement = try #require(outcome.agreement), stream = try #require(outcome.result.streams?.first)
            #expect(agreement.same == agreement.compared && agreement.compared >= stream.succeeded)
            #expect(try #require(outcome.latencies[.crossCoordination]).count == stream.succeeded)
            #expect(outcome.transactions.succeeded == stream.succeeded && stream.succeeded >= 299)
            // All of it came from the log: late and out-of-order events, too.
            let text = try #require(try await stage.engines.redis.get("analytics:0:total"))
            let totals = try AnalyticsReport.read(text, as: AnalyticsReport.Totals.self)
            #expect(totals.late > 0 && totals.outOfOrder > 0 && totals.sessions > 0)
            let committed = try await stage.engines.sqlite.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM actions")
            }
            #expect(totals.events + totals.late == committed)
            // A second time on the same stores: it begins after what was there.
            let again = try await scenario.run(stage)
            #expect(try consistency(again).verdict == .pass && again.agreement?.difference == nil)
        }
    }

    @Test(
        "S4: a row that changes behind the engine's back, or a result that isn't the engine's, violates user-analytics.consistency",
        arguments: [
            "UPDATE actions SET spent = spent + 1000000 WHERE id = 1", "DELETE FROM actions WHERE id = 1",
            "UPDATE actions SET kind = 'other' WHERE id = 1",
            "INSERT INTO actions (user, kind, item, happened, spent) VALUES (1, 'view', 1, 1, 1)", "redis",
        ])
    func differs(change: String) async throws {
        try await withStage(steady: .milliseconds(400)) { stage in
            var scenario = scenario
            scenario.beforeComparison = { engines in
                if change == "redis" {
                    _ = try await engines.redis.del("analytics:0:total")
                } else {
                    try await engines.sqlite.write { try $0.execute(sql: change) }
                }
            }
            let outcome = try await scenario.run(stage)
            let check = try consistency(outcome)
            #expect(check.verdict == .fail && check.value < 100 && check.beyond > 0)
            #expect(!outcome.result.pass && !outcome.result.failureKinds.isEmpty)
            let result = RunResult(
                profile: "user-analytics", seed: 1, seconds: 1, engines: stage.engines.versions, checks: [check],
                scenarios: [outcome.result], passed: false, interrupted: false, command: "")
            #expect(result.outcome == .inconsistent)
        }
    }

    @Test("S4: results that Redis could not take are taken later, when it is back")
    func redisAway() async throws {
        let monitor = LoadMonitor()
        try await withStage(monitor: monitor) { stage in
            let breaker = Task {
                while monitor.operations < 50 { try await Task.sleep(for: .milliseconds(5)) }
                await stage.engines.server.kill()
                try await stage.engines.server.start()
            }
            let outcome = try await scenario.run(stage)
            try await breaker.value
            // It came back empty: the totals are written again and again, and what was cached before is gone.
            let check = try consistency(outcome)
            let text = try #require(try await stage.engines.redis.get("analytics:0:total"))
            let totals = try AnalyticsReport.read(text, as: AnalyticsReport.Totals.self)
            let last = try await stage.engines.sqlite.read { try Int.fetchOne($0, sql: "SELECT max(id) FROM actions") }
            #expect(totals.through == last && check.samples > 0)
        }
    }

    @Test("S4: an action is the same for the same seed; some are told late, and a few of these too late")
    func actions() {
        var a = SplitMix64(seed: 3), b = SplitMix64(seed: 3)
        let actions = (0..<5_000).map { _ in UserAction(users: 200, lateness: .seconds(1), using: &a) }
        #expect(actions == (0..<5_000).map { _ in UserAction(users: 200, lateness: .seconds(1), using: &b) })
        #expect(actions.allSatisfy { (1...200).contains($0.user) && (1...UserAction.items).contains($0.item) })
        #expect(Set(actions.map(\.kind)) == Set(UserAction.kinds))
        let late = actions.count { $0.delay > .seconds(1) }
        #expect((50...400).contains(late))
        #expect((400...1_000).contains(actions.count { $0.delay > .milliseconds(20) && $0.delay <= .seconds(1) }))
        #expect(actions.allSatisfy { $0.spent >= .milliseconds(50) && $0.spent < .seconds(60) })
    }
}
