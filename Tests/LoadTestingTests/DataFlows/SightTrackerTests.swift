import Measurement
import Testing

@testable import LoadTesting

@Suite("S5: how long until the dashboard shows an action") struct SightTrackerTests {
    @Test("S5: dashboard.latency counts from when an action was due to its first sight")
    func latency() {
        var tracker = SightTracker()
        tracker.announce(0, row: 11, due: .milliseconds(100), isCounted: true)
        tracker.announce(1, row: 12, due: .milliseconds(150), isCounted: true)
        tracker.announce(2, row: 13, due: .milliseconds(160), isCounted: false)
        tracker.end(0, isCommitted: true)
        #expect(tracker.unseen == 1)
        tracker.see(through: 11, at: .milliseconds(400))
        tracker.see(through: 13, at: .milliseconds(500))
        #expect(tracker.takeFresh() == [.milliseconds(300)], "what is not known to be committed is no sample yet")
        tracker.end(1, isCommitted: true)
        tracker.end(2, isCommitted: true)
        #expect(tracker.takeFresh() == [.milliseconds(350)], "one of the warm-up is none")
        tracker.giveUp()
        #expect(tracker.latency.count == 2 && tracker.neverSeen == 0 && tracker.stepsBack == 0)
    }

    @Test("S5: an attempt that was rolled back is not seen in another's row")
    func runAgain() {
        var tracker = SightTracker()
        tracker.announce(0, row: 11, due: .zero, isCounted: true)
        // Rolled back; another action has the row now.
        tracker.announce(1, row: 11, due: .zero, isCounted: true)
        tracker.end(1, isCommitted: true)
        tracker.see(through: 11, at: .milliseconds(10))
        tracker.announce(0, row: 12, due: .zero, isCounted: true)
        tracker.end(0, isCommitted: true)
        #expect(tracker.unseen == 1)
        tracker.see(through: 12, at: .milliseconds(30))
        #expect(tracker.takeFresh() == [.milliseconds(10), .milliseconds(30)])
    }

    @Test("S5: what never arrives is an endless latency; what failed is none")
    func never() {
        var tracker = SightTracker()
        for number in 0..<400 {
            tracker.announce(number, row: number + 1, due: .zero, isCounted: true)
            tracker.end(number, isCommitted: number != 7)
        }
        tracker.see(through: 390, at: .milliseconds(5))
        tracker.see(through: 380, at: .milliseconds(6))
        tracker.giveUp()
        #expect(tracker.stepsBack == 1 && tracker.neverSeen == 10 && tracker.latency.count == 399)
        let check = CheckResult(.dashboardLatency, tracker.latency, endless: tracker.neverSeen, resolution: nil)
        #expect(check.verdict == .fail && check.endless == 10 && check.beyond == 10)
    }

    @Test("S5: every committed action is seen once, in whatever order things happen", arguments: 0..<50)
    func random(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        var tracker = SightTracker()
        var log: [Int] = [], running: [Int: Int] = [:], next = 0, committed = 0, now = 0, seen = 0, latencies = 0
        for _ in 0..<500 {
            now += 1
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                // One writes at a time: the row is announced and committed, or given back.
                tracker.announce(next, row: log.count + 1, due: .milliseconds(now), isCounted: true)
                if Int.random(in: 0..<4, using: &generator) > 0 {
                    log.append(next)
                    running[next] = log.count
                } else if Bool.random(using: &generator) {
                    tracker.end(next, isCommitted: false)
                } else {
                    // It runs again later, or never returns.
                    running[next] = 0
                }
                next += 1
            case 1:
                guard let (number, row) = running.first(where: { $0.value > 0 }) else { continue }
                running[number] = nil
                committed += 1
                tracker.end(number, isCommitted: true)
                #expect(row > 0)
            case 2:
                guard let (number, _) = running.first(where: { $0.value == 0 }) else { continue }
                tracker.announce(number, row: log.count + 1, due: .milliseconds(now), isCounted: true)
                log.append(number)
                running[number] = log.count
            default:
                seen = Int.random(in: seen...log.count, using: &generator)
                tracker.see(through: seen, at: .milliseconds(now))
            }
            for latency in tracker.takeFresh() {
                #expect(latency >= .zero)
                latencies += 1
            }
        }
        let unseen = tracker.unseen
        #expect(latencies + unseen == committed)
        tracker.giveUp()
        #expect(tracker.neverSeen == unseen && tracker.latency.count == committed && tracker.stepsBack == 0)
    }
}
