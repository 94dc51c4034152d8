import Histories
import Testing
import Transactions
import TrivetTesting

@testable import LoadTesting

@Suite("I3: histories over the three stores", .timeLimit(.minutes(5)))
struct HistoryRunTests {
    @Test(
        "I3: transactions and snapshots over three stores are strictly serializable",
        arguments: WorkloadShape.Kind.allCases)
    func strictlySerializable(kind: WorkloadShape.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let shape = WorkloadShape(kind: kind, keysAlive: 5, writesPerKey: 8, clients: 5, microOperations: 1...4)
            let run = HistoryRun(shape: shape, duration: .seconds(1), seed: 7, file: folder.path(of: "h.edn"))
            let verdict = try #require(try await run.run { _ in }).verdict
            #expect(verdict.isClean, "\(verdict)")
            #expect(verdict.counts.committed > 5)
        }
    }

    @Test(
        "T3, I3: beside transactions of weaker levels, serializable ones and snapshots stay strictly serializable",
        arguments: WorkloadShape.Kind.allCases)
    func mixedLevels(kind: WorkloadShape.Kind) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let shape = WorkloadShape(kind: kind, keysAlive: 5, writesPerKey: 8, clients: 8, microOperations: 1...5)
            var run = HistoryRun(shape: shape, duration: .seconds(2), seed: 11, file: folder.path(of: "h.edn"))
            run.levels = IsolationLevel.allCases
            let verdict = try #require(try await run.run { _ in }).verdict
            #expect(verdict.isClean, "\(verdict)")
            #expect(verdict.counts.committed > 5)
        }
    }

    @Test("I3: a run on kept stores goes on with the history that is there")
    func continued() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var committed = 0
            for seed in [1, 2] as [UInt64] {
                let run = HistoryRun(
                    shape: WorkloadShape(keysAlive: 3, writesPerKey: 8, clients: 3, microOperations: 1...3),
                    duration: .milliseconds(500), seed: seed, file: folder.path(of: "h.edn"),
                    folder: folder.path(of: "data"))
                let verdict = try #require(try await run.run { _ in }).verdict
                #expect(verdict.isClean, "\(verdict)")
                #expect(verdict.counts.committed > committed)
                committed = verdict.counts.committed
            }
        }
    }
}
