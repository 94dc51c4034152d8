import Foundation
import GRDB
import GraphClient
import Measurement
import Reporting
import Testing
import TrivetTesting

@testable import LoadTesting

@Suite("S6: a user's journey over the three stores", .timeLimit(.minutes(5)))
struct UserJourneyTests {
    private var short: LoadPlan {
        var plan = LoadPlan()
        plan.users = 2
        plan.requestedUsers = 2
        plan.warmUp = .milliseconds(100)
        plan.steady = .milliseconds(500)
        plan.requestedSteady = .milliseconds(500)
        plan.scale = 0.1
        return plan
    }

    @Test("S6: sign-up, follow, post, feed, unfollow and delete work on live engines, and each check has samples")
    func journey() async throws {
        let result = try await ScenarioRun(plan: short).run(
            profile: "user-journey", command: "", monitor: LoadMonitor())
        #expect(result.scenarios.map(\.id) == ["user-journey"])
        #expect(result.scenarios[0].operations > 10)
        #expect(result.scenarios[0].failureKinds.isEmpty && result.scenarios[0].pass)
        #expect(result.checks.allSatisfy { $0.samples > 0 })
        #expect(result.checks.compactMap(\.percentiles).allSatisfy { $0.p50 > 0 && $0.max >= $0.p99 })
        #expect(result.checks.contains { $0.id == "cross.coordination" })
        #expect(result.checks.first { $0.id == "cross.success" }?.value == 100)
        #expect(result.checks.first { $0.id == "cross.consistency" }?.value == 100)
        #expect(!result.interrupted)
        let text = SummaryTable(style: TerminalStyle(hasColor: false)).render(result)
        for check in result.checks { #expect(text.contains(check.id)) }
        #expect(!text.contains("\u{1B}"))
        let document = try JSONDecoder().decode(RunResult.self, from: Data(try JSONReport.render(result).utf8))
        #expect(document == result)
    }

    @Test("S6: the same seed makes the same data")
    func seed() {
        let data = SeedData(scale: 0.1)
        var a = SplitMix64(seed: 7), b = SplitMix64(seed: 7), c = SplitMix64(seed: 8)
        let first = data.users(50, using: &a)
        #expect(first == data.users(50, using: &b))
        #expect(first != data.users(50, using: &c))
        #expect(Set(first).count == 50 && first.allSatisfy { (1...200).contains($0) })
        #expect(data.postCount >= 100_000, "the joins are promised over at least 100 000 rows")
        #expect(SplitMix64(seed: 1).split(1).seedProbe != SplitMix64(seed: 1).split(2).seedProbe)
    }

    @Test("S6: a data folder is kept, used again, and not mistaken for another one's")
    func dataFolder() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            for _ in 0..<2 {
                let run = ScenarioRun(plan: short, folder: folder.path(of: "data"))
                let result = try await run.run(profile: "user-journey", command: "", monitor: LoadMonitor())
                #expect(result.scenarios[0].pass)
            }
            var larger = short
            larger.scale = 1
            let run = ScenarioRun(plan: larger, folder: folder.path(of: "data"))
            await #expect {
                try await run.run(profile: "user-journey", command: "", monitor: LoadMonitor())
            } throws: { error in
                "\(error)".contains("--scale")
            }
        }
    }

    @Test("S6: stores that disagree are noticed, with the difference named")
    func disagreement() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            _ = try await SeedData(scale: 0.1).prepare(engines, seed: 1) { _ in }
            #expect(try await StoreAgreement.check(engines).difference == nil)
            try await engines.graph.withWriter { try await $0.execute("CREATE (:User {id: 777777, handle: 'stray'})") }
            let agreement = try await StoreAgreement.check(engines)
            #expect(agreement.same == agreement.compared - 1)
            let difference = try #require(agreement.difference)
            #expect(difference.contains("777777") && difference.contains("1 only in Kùzu"))
        }
    }

    @Test("S6: a store that is gone in mid-run is counted as failures, and ends neither the run nor the process")
    func redisKilled() async throws {
        try await LiveEngines.withEngines(folder: nil) { engines in
            let data = SeedData(scale: 0.1)
            let last = try await data.prepare(engines, seed: 1) { _ in }
            let monitor = LoadMonitor()
            let users = JourneyUsers(engines: engines, data: data, ids: JourneyIDs(after: last))
            let killer = Task {
                while monitor.operations < 5 { try await Task.sleep(for: .milliseconds(5)) }
                await engines.server.kill()
            }
            _ = try await ClosedLoad(plan: short, monitor: monitor).run(users)
            try await killer.value
            #expect(monitor.failures > 0)
            #expect(!monitor.failureKinds.isEmpty)
            try await engines.server.restart()
        }
    }
}

extension SplitMix64 {
    fileprivate var seedProbe: UInt64 {
        var copy = self
        return copy.next()
    }
}
