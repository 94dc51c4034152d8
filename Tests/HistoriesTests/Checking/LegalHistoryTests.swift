import Testing

@testable import Histories

@Suite("Histories: legal ones raise nothing")
struct LegalHistoryTests {
    @Test(
        "what failed, what is in doubt and what is still open",
        arguments: [
            Story.inTurn("!ax1 ay1", "rx ry", "ax2", "rx2"),
            // Seen or not seen, now or later: both may be.
            Story.inTurn("?ax1", "rx1"),
            Story.inTurn("?ax1", "rx", "rx"),
            Story.inTurn("?ax1", "rx", "ax2", "rx2", "rx21"),
            Story.inTurn("?ax1 ay1", "rx ry", "rx1 ry1"),
            Story.inTurn("?rx9 ax1", "rx1"),
            Story.inTurn("?wx1", "gx_", "wx2", "gx2", "gx1"),
            Story.told { story in
                story.begin("ax1")
                story.inTurn("rx", "rx1")
            },
            History(),
        ])
    func unclear(_ history: History) {
        #expect(anomalies(in: history) == [])
    }

    @Test(
        "transactions that run at the same time may come in any order",
        arguments: [
            Story.concurrent("ax1", "ax2", then: "rx21"),
            Story.concurrent("ax1 ay1", "rx1 ry1", "rx ry", then: "rx1 ry1"),
            Story.concurrent("rx ax1 rx1", "rx1 ax2 rx12", then: "rx12"),
            Story.concurrent("ax1 ax2 rx12 ax3", then: "rx123"),
            Story.concurrent("gx_ wx1 gx1 wx2 gx2", "gx2 wx3", then: "gx3"),
            Story.concurrent("wx1", "wx2", "wx3", then: "gx2"),
        ])
    func concurrent(_ history: History) {
        #expect(anomalies(in: history) == [])
    }

    @Test(
        "stores that keep all promises, with lists and registers, failures and doubt, for 400 seeds",
        arguments: [WorkloadShape.Kind.listAppend, .register])
    func simulated(_ kind: WorkloadShape.Kind) {
        var committed = 0
        var seen = 0
        for seed in 0..<400 {
            let sweep = WorkloadShape.sweep(kind)
            let history = SimulatedStores.run(.none, sweep[seed % sweep.count], transactions: 120, seed: UInt64(seed))
            let verdict = HistoryChecker().check(history)
            #expect(verdict.isClean, "seed \(seed): \(verdict)")
            committed += verdict.counts.committed
            seen += verdict.counts.inDoubtAndSeen
        }
        #expect(committed > 10_000)
        #expect(seen > 200)
    }
}
