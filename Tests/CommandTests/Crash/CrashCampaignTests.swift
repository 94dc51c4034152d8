import Failpoints
import LocalEngines
import Testing

@testable import LoadTesting

@Suite("T5, S9: processes killed in the midst of their transactions") struct CrashCampaignTests {
    /// As many as fit into a minute and a half beside other tests; `trivet crash` makes as many as one likes.
    private static let rounds = 75

    @Test("T5, I1–I5: whatever is killed, and wherever, the stores hold together and recover within 10 s")
    func campaign() async throws {
        let campaign = CrashCampaign(rounds: Self.rounds, seed: 42, tool: try TrivetTool.path.string)
        let result = try await campaign.run { _ in }
        for failure in result.failures {
            Issue.record("round \(failure.round): \(failure.violations) \(failure.told); again: \(failure.command)")
        }
        let figures = result.figures
        #expect(figures.rounds == Self.rounds)
        #expect(figures.recoverySeconds.count == Self.rounds)
        #expect(figures.recoverySeconds.allSatisfy { $0 < 10 })
        #expect(figures.units.acknowledged > 2 * Self.rounds)
        // Both outcomes of what was cut short, or the kills came at no interesting moment.
        #expect(figures.units.inDoubtDone > 0 && figures.units.inDoubtUndone > 0)
        #expect(figures.graphReplayed > 0 && figures.cacheReplayed > 0)
        #expect(figures.redisKilled > 0 && figures.redisEmptied > 0 && figures.graphsPutBack > 0)
    }

    @Test(
        "T5: each failpoint is really passed, and recovery is right after a kill there", arguments: Failpoint.allCases)
    func failpoint(_ point: Failpoint) async throws {
        let kind: CrashStores.Kind =
            switch point {
            case .trimBefore, .trimAfter, .discarded: .withoutGraph
            case .checkpointMarkers, .checkpointBefore, .checkpointCopied, .checkpointMade, .checkpointAfter,
                .restoreCopied, .restoreOpened:
                .trimmed
            default: .kept
            }
        try await TemporaryDirectory.withDirectory { folder in
            try await CrashSet.withSet(
                in: folder.path, kind: kind, seed: 7, tool: try TrivetTool.path.string
            ) { set in
                if point == .discarded {
                    // A Redis that has nothing to lose loses nothing.
                    let work = CrashPlan(round: 1, working: 40)
                    let violations = try await set.run(work)
                    #expect(violations == [])
                }
                let plan = CrashPlan(round: 2, at: point, kind: kind, seed: 7)
                let violations = try await set.run(plan)
                #expect(violations == [], "\(plan)")
                #expect(set.figures.kills[point.rawValue] == 1, "\(plan): \(set.figures.kills)")
            }
        }
    }
}
