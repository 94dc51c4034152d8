import Testing

@testable import Histories

@Suite("Histories: verdicts and their evidence")
struct VerdictTests {
    @Test("each model forbids what the weaker ones forbid, and something more")
    func models() {
        let names = AnomalyName.Phenomenon.allCases.flatMap { phenomenon in
            AnomalyName.Order.allCases.map { AnomalyName(phenomenon, $0) }
        }
        let forbidden = ConsistencyModel.allCases.map { model in names.filter(model.forbids) }
        for (weaker, stronger) in zip(forbidden, forbidden.dropFirst()) {
            #expect(Set(weaker).isStrictSubset(of: Set(stronger)))
        }
        #expect(forbidden.last?.count == names.count)
    }

    @Test("write skew violates serializability, not snapshot isolation")
    func skew() {
        let verdict = HistoryChecker().check(Story.concurrent("rx ay1", "ry ax1"))
        let g2 = [AnomalyName(.g2)]
        #expect(verdict.judgement(.readCommitted) == .notViolated)
        #expect(verdict.judgement(.snapshotIsolation) == .notViolated)
        #expect(verdict.judgement(.serializable) == .violated(g2))
        #expect(verdict.judgement(.strictSerializable) == .violated(g2))
        #expect(!verdict.isClean)
    }

    @Test("a cycle names its transactions and says of each edge why it is there")
    func evidence() throws {
        let history = Story.told { story in
            let skewed = story.begin("rx12 ry1")
            story.inTurn("ax1", "ax2", "ax3 ay1")
            story.end(skewed)
            story.inTurn("rx123")
        }
        let verdict = HistoryChecker().check(history)
        let anomaly = try #require(verdict.anomalies.first)
        #expect(verdict.anomalies.count == 1)
        #expect(
            anomaly.description == """
                G-single
                    T0, process 0, ok: [[:r "sqlite/x" [1 2]] [:r "kuzu/y" [1]]]
                    T5, process 3, ok: [[:append "sqlite/x" 3] [:append "kuzu/y" 1]]
                  - T0 < T5 (rw): T0 read sqlite/x = [1 2], T5 appended 3 after it
                  - T5 < T0 (wr): T0 read kuzu/y up to 1, which T5 appended
                """)
        #expect(verdict.description.contains("serializable: violated by G-single ×1"))
        #expect(verdict.description.contains("read committed: no violation found"))
    }

    @Test("evidence of real time, and of registers")
    func otherEvidence() throws {
        let stale = try #require(HistoryChecker().check(Story.inTurn("wx1", "wx2", "gx1")).anomalies.first)
        #expect(
            Set(stale.steps) == [
                "T4 < T2 (rw): T4 read sqlite/x = 1, T2 wrote 2 after it (1 had been written or read before T2 began)",
                "T2 < T4 (realtime): T2 had ended (operation 3) before T4 began (operation 4)",
            ])
        let order = try #require(HistoryChecker().check(Story.inOneProcess("ax1", "ax2", "rx21")).anomalies.first)
        #expect(
            Set(order.steps) == [
                "T2 < T0 (ww): T0 appended 1 to sqlite/x after T2 appended 2",
                "T0 < T2 (process): process 0 ran T0, and then T2",
            ])
        let lost = try #require(
            HistoryChecker().check(Story.inTurn("ax1", "rx")).anomalies.first { $0.name == AnomalyName(.lostWrite) })
        #expect(
            lost.steps == [
                "T0 appended 1 to sqlite/x and was acknowledged (operation 1); the last read of it, by T2, has []"
            ])
    }

    @Test("the shortest cycle of a kind is shown first")
    func shortest() throws {
        let history = Story.concurrent(
            "rx ay1", "ry az1", "rz ax1", "ru av1", "rv au1", then: "rx1 ry1 rz1 ru1 rv1")
        let verdict = HistoryChecker().check(history)
        #expect(verdict.anomalies.map(\.transactions.count) == [2, 3])
    }

    @Test("only some examples are kept of what is found often")
    func examples() {
        var checker = HistoryChecker()
        checker.limits.examples = 3
        let history = Story.told { story in
            story.inTurn("!ax1")
            for _ in 0..<10 { story.inTurn("rx1") }
        }
        let verdict = checker.check(history)
        #expect(verdict.anomalies.count == 3)
        #expect(verdict.found == [AnomalyName(.g1a): 10])
    }

    @Test("limits change how many examples there are, never the verdict")
    func limits() {
        var small = HistoryChecker()
        small.limits.cyclesPerSearch = 1
        small.limits.edgesPerSearch = 1
        small.limits.examples = 1
        for (seed, flaw) in SimulatedStores.Flaw.allCases.enumerated() {
            let shape = WorkloadShape(keysAlive: 3, writesPerKey: 32, clients: 10)
            let history = SimulatedStores.run(flaw, shape, transactions: 500, seed: UInt64(seed))
            let (whole, cut) = (HistoryChecker().check(history), small.check(history))
            for model in ConsistencyModel.allCases {
                #expect(whole.violates(model) == cut.violates(model), "\(flaw), \(model)")
            }
        }
    }

    @Test("100 000 transactions of 20 clients are checked", arguments: [4, 32])
    func size(writesPerKey: Int) {
        let shape = WorkloadShape(keysAlive: 10, writesPerKey: writesPerKey, clients: 20)
        let history = SimulatedStores.run(.none, shape, transactions: 100_000, seed: 1, faults: 1)
        var verdict: HistoryVerdict?
        let time = ContinuousClock().measure { verdict = HistoryChecker().check(history) }
        print("checked", history.operations.count, "operations in", time)
        #expect(verdict?.isClean == true)
        #expect(verdict?.counts.committed ?? 0 > 10_000)
    }
}
