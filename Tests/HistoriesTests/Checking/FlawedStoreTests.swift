import Testing

@testable import Histories

@Suite("Histories: stores that break their promises are found out")
struct FlawedStoreTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let flaw: SimulatedStores.Flaw
        /// The weakest model that the store violates: found in nearly every history, and no weaker one in any.
        let violated: ConsistencyModel
        /// Of which at least one is found.
        let names: Set<AnomalyName.Phenomenon>

        var testDescription: String { flaw.rawValue }
    }

    static let listStores = [
        Expectation(flaw: .readUncommitted, violated: .readCommitted, names: [.g0, .g1a, .g1b, .g1c]),
        Expectation(flaw: .readCommitted, violated: .snapshotIsolation, names: [.gSingle, .internal, .lostUpdate]),
        Expectation(flaw: .snapshotIsolation, violated: .serializable, names: [.g2]),
        Expectation(flaw: .staleReads, violated: .strictSerializable, names: [.gSingle, .lostWrite]),
        Expectation(flaw: .lostUpdates, violated: .readCommitted, names: [.incompatibleOrder, .lostUpdate]),
        Expectation(flaw: .tornAcrossStores, violated: .readCommitted, names: [.g0, .g1c, .gSingle]),
        Expectation(flaw: .lostAfterCrash, violated: .readCommitted, names: [.incompatibleOrder, .lostWrite]),
    ]

    @Test("lists, 50 seeds each", arguments: listStores)
    func lists(_ expectation: Expectation) {
        var found = 0
        var named = 0
        for seed in 0..<50 {
            let shape = WorkloadShape(keysAlive: 3 + seed % 5, writesPerKey: 32, clients: 5, microOperations: 1...6)
            let verdict = HistoryChecker().check(
                SimulatedStores.run(expectation.flaw, shape, transactions: 300, seed: UInt64(seed)))
            #expect(verdict.problems == [])
            if verdict.violates(expectation.violated) { found += 1 }
            if verdict.found.keys.contains(where: { expectation.names.contains($0.phenomenon) }) { named += 1 }
            for weaker in ConsistencyModel.allCases.prefix(while: { $0 != expectation.violated }) {
                #expect(!verdict.violates(weaker), "seed \(seed): \(verdict)")
            }
        }
        #expect(found >= 47)
        #expect(named >= 47)
    }

    @Test("registers, 50 seeds each", arguments: SimulatedStores.Flaw.allCases.filter { $0 != .none })
    func registers(_ flaw: SimulatedStores.Flaw) {
        var found = 0
        for seed in 0..<50 {
            let shape = WorkloadShape(
                kind: .register, keysAlive: 3 + seed % 5, writesPerKey: 32, clients: 5, microOperations: 1...6)
            let verdict = HistoryChecker().check(
                SimulatedStores.run(flaw, shape, transactions: 300, seed: UInt64(seed)))
            #expect(verdict.problems == [])
            if verdict.violates(.strictSerializable) { found += 1 }
            if flaw == .snapshotIsolation { #expect(!verdict.violates(.snapshotIsolation), "seed \(seed): \(verdict)") }
            if flaw == .staleReads { #expect(!verdict.violates(.serializable), "seed \(seed): \(verdict)") }
        }
        #expect(found >= 47)
    }
}
