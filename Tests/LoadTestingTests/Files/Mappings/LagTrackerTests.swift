import Measurement
import Testing

@testable import LoadTesting

@Suite("S3, T7: the lag of changes")
struct LagTrackerTests {
    private func milliseconds(_ duration: Duration) -> Double { (duration / .milliseconds(1)).rounded() }

    private func sighting(_ version: Int?, told: Int, read: Int) -> LagTracker.Sighting {
        .init(version: version, told: .milliseconds(told), read: .milliseconds(read))
    }

    @Test("S3: lag counts from before the COMMIT to the end of the read, and what that may add stands beside it")
    func lag() {
        var tracker = LagTracker()
        tracker.announce("7", version: 1, by: 3, isCounted: true, at: .milliseconds(100))
        tracker.commit("7", version: 1, at: .milliseconds(103))
        #expect(tracker.unseen == 1 && tracker.unseenKeys == ["7"])
        tracker.see("7", sighting(1, told: 110, read: 112))
        #expect(tracker.unseen == 0 && tracker.lag.count == 1)
        #expect(
            tracker.takeFresh() == [.init(operation: 3, announced: .milliseconds(100), lag: .milliseconds(12))])
        #expect(tracker.takeFresh().isEmpty)
        #expect(milliseconds(tracker.lag.longest) == 12)
        #expect(milliseconds(tracker.uncertainty.longest) == 5, "3 of the COMMIT, 2 of the read")
    }

    @Test("S3: a change may be seen before its COMMIT has returned")
    func seenEarly() {
        var tracker = LagTracker()
        tracker.announce("7", version: 1, isCounted: true, at: .milliseconds(100))
        tracker.see("7", sighting(1, told: 102, read: 104))
        #expect(tracker.lag.count == 0 && tracker.unseen == 0)
        tracker.commit("7", version: 1, at: .milliseconds(120))
        #expect(milliseconds(tracker.lag.longest) == 4)
        #expect(milliseconds(tracker.uncertainty.longest) == 4, "never more than the whole")
    }

    @Test("S3: an older version is not the one that is waited for; a later one is as good")
    func versions() {
        var tracker = LagTracker()
        for version in 1...3 {
            tracker.announce("7", version: version, isCounted: true, at: .milliseconds(version * 10))
            tracker.commit("7", version: version, at: .milliseconds(version * 10))
        }
        tracker.announce("8", version: 1, isCounted: true, at: .milliseconds(30))
        tracker.see("7", sighting(0, told: 35, read: 36))
        tracker.see("7", sighting(nil, told: 35, read: 36))
        #expect(tracker.unseen == 4)
        tracker.see("7", sighting(2, told: 40, read: 41))
        #expect(tracker.unseen == 2 && tracker.lag.count == 2)
        #expect(milliseconds(tracker.lag.longest) == 31)
        tracker.see("7", sighting(9, told: 50, read: 51))
        #expect(tracker.unseenKeys == ["8"] && tracker.lag.count == 3)
    }

    @Test("S3: what was never seen is an endless lag, and one in fifty of them misses the target")
    func never() {
        var tracker = LagTracker()
        for version in 1...300 {
            tracker.announce("\(version)", version: 1, isCounted: true, at: .milliseconds(version))
            tracker.commit("\(version)", version: 1, at: .milliseconds(version))
            if version > 6 { tracker.see("\(version)", sighting(1, told: version + 1, read: version + 2)) }
        }
        tracker.giveUp()
        #expect(tracker.neverSeen == 6 && tracker.unseen == 0)
        #expect(tracker.takeFresh().count { $0.lag == .endless } == 6)
        let check = CheckResult(.cacheLag, tracker.lag, endless: tracker.neverSeen, resolution: .milliseconds(2))
        #expect(check.verdict == .fail && check.endless == 6 && check.beyond == 6 && check.samples == 300)
        #expect(check.value > 3_500_000 && check.resolution == 2)
    }

    @Test("S3: what was not committed, and the warm-up's changes, are no samples")
    func noSamples() {
        var tracker = LagTracker()
        tracker.announce("1", version: 1, isCounted: true, at: .zero)
        tracker.withdraw("1", version: 1)
        // The next one gets the same version.
        tracker.announce("1", version: 1, isCounted: false, at: .milliseconds(5))
        tracker.commit("1", version: 1, at: .milliseconds(6))
        tracker.see("1", sighting(1, told: 8, read: 9))
        tracker.announce("2", version: 1, isCounted: false, at: .milliseconds(5))
        tracker.giveUp()
        #expect(tracker.lag.count == 0 && tracker.neverSeen == 0)
    }

    @Test("T7: a key that goes back to an older version is noticed, unless Redis may have lost it")
    func stepsBack() {
        var tracker = LagTracker()
        tracker.see("1", sighting(5, told: 1, read: 2))
        tracker.see("1", sighting(5, told: 2, read: 3))
        tracker.see("1", sighting(nil, told: 2, read: 3))
        tracker.see("2", sighting(4, told: 2, read: 3))
        #expect(tracker.stepsBack == 0)
        tracker.see("1", sighting(4, told: 3, read: 4))
        #expect(tracker.stepsBack == 1)
        tracker.forgetSightings()
        tracker.see("2", sighting(3, told: 5, read: 6))
        #expect(tracker.stepsBack == 1)
    }
}
