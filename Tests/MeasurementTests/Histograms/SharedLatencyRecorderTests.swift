import Synchronization
import Testing

@testable import Measurement

@Suite("M2: recorders that all tasks share")
struct SharedLatencyRecorderTests {
    /// How many tasks have recorded all they had.
    private final class Finished: Sendable {
        let count = Atomic(0)
    }

    private static func durations(_ seed: Int, _ count: Int) -> [Duration] {
        var generator = SplitMix64(seed: 11).split(seed)
        return (0..<count).map { _ in
            let bits = Int64.random(in: 0..<45, using: &generator)
            return .nanoseconds(Int64.random(in: -5...(1 << bits), using: &generator))
        }
    }

    private func expectSame(_ a: LatencyRecorder, _ b: LatencyRecorder) {
        #expect(a.count == b.count)
        #expect(a.longest == b.longest)
        for percent in stride(from: 0.0, through: 100, by: 0.5) {
            // The least value is kept only as its bucket.
            let tolerance = percent == 0 ? b.percentile(0) / 1_000 : .zero
            #expect(
                abs((a.percentile(percent) - b.percentile(percent)) / .nanoseconds(1)) <= tolerance / .nanoseconds(1))
        }
        for limit in [Duration.nanoseconds(77), .microseconds(5), .milliseconds(3), .seconds(100)] {
            #expect(a.count(above: limit) == b.count(above: limit))
        }
    }

    @Test("M2: what many tasks record at once is what one would have recorded: nothing is lost")
    func merged() async {
        let shared = SharedLatencyRecorder()
        let (tasks, count) = (8, 20_000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { for duration in Self.durations(task, count) { shared.record(duration) } }
            }
        }
        var alone = LatencyRecorder()
        var total = Duration.zero
        for task in 0..<tasks {
            for duration in Self.durations(task, count) {
                alone.record(duration)
                total += min(max(.zero, duration), .seconds(3_600))
            }
        }
        #expect(shared.count == tasks * count)
        #expect(shared.total == total)
        expectSame(shared.snapshot(), alone)
        #expect(shared.compact().count == UInt64(tasks * count))
    }

    @Test("M2: each stripe counts, whichever threads come to which")
    func stripes() {
        let shared = SharedLatencyRecorder()
        var alone = LatencyRecorder()
        var total = Duration.zero
        for number in 0..<shared.counts.stripes {
            for duration in Self.durations(number, 100) {
                let nanoseconds = duration.histogramNanoseconds
                shared.record(nanoseconds, in: shared.counts.stripe(number))
                alone.record(duration)
                total += .nanoseconds(Int64(nanoseconds))
            }
        }
        #expect(shared.count == shared.counts.stripes * 100)
        #expect(shared.total == total)
        expectSame(shared.snapshot(), alone)
        #expect(shared.takeRecentLongest() == UInt64(alone.longest / .nanoseconds(1)))
    }

    @Test("M2: threads whose stripes fall together lose nothing either")
    func oneStripe() async {
        // One stripe for all is the worst that hashing can do.
        let counts = StripedAtomics(count: 1, stripes: 1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50_000 { counts.own.pointee.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        #expect(counts.own.pointee.load(ordering: .relaxed) == 400_000)
    }

    @Test("M2: what is read meanwhile only grows, and is never more than there was")
    func reading() async {
        let shared = SharedLatencyRecorder()
        let writers = Finished()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for duration in Self.durations(1, 100_000) { shared.record(duration) }
                writers.count.add(1, ordering: .releasing)
            }
            group.addTask {
                var last = 0
                while true {
                    let wasDone = writers.count.load(ordering: .acquiring) == 1
                    let snapshot = shared.snapshot()
                    #expect(snapshot.count >= last && snapshot.count <= 100_000)
                    #expect(snapshot.percentile(100) == snapshot.longest)
                    last = snapshot.count
                    if wasDone { break }
                }
                #expect(last == 100_000)
            }
        }
    }

    @Test("M2: each new longest is taken once, also while others record, and the longest of all stays")
    func recentLongest() async {
        let shared = SharedLatencyRecorder()
        #expect(shared.takeRecentLongest() == 0)
        shared.record(.nanoseconds(500))
        shared.record(.nanoseconds(300))
        #expect(shared.takeRecentLongest() == 500)
        shared.record(.nanoseconds(400))
        #expect(shared.takeRecentLongest() == 400)
        #expect(shared.takeRecentLongest() == 0)
        #expect(shared.snapshot().longest == .nanoseconds(500))

        let writers = Finished()
        async let greatest = Self.takeAll(shared, until: writers, count: 3)
        await withTaskGroup(of: Void.self) { group in
            for task in 1...3 {
                group.addTask {
                    for value in 1...20_000 { shared.record(.nanoseconds(value * 10 + task)) }
                    writers.count.add(1, ordering: .releasing)
                }
            }
        }
        #expect(await greatest == 200_003)
        #expect(shared.snapshot().longest == .nanoseconds(200_003))
    }

    /// Takes the longest again and again until there are no more writers; returns the greatest of what was taken.
    private static func takeAll(_ shared: SharedLatencyRecorder, until writers: Finished, count: Int) async -> UInt64 {
        var greatest: UInt64 = 0
        while true {
            let wasDone = writers.count.load(ordering: .acquiring) == count
            let longest = shared.takeRecentLongest()
            greatest = max(greatest, longest)
            #expect(shared.snapshot().longest >= .nanoseconds(Int64(longest)))
            if wasDone { return greatest }
            await Task.yield()
        }
    }

    @Test("M1: a counter that all tasks share loses nothing, and counts down as well")
    func counter() async {
        let counter = EventCounter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<50_000 { counter.add() } } }
        }
        #expect(counter.count == 400_000)
        counter.add(-400_001)
        #expect(counter.count == -1)
    }

    @Test("M2: an empty recorder says so")
    func empty() {
        let shared = SharedLatencyRecorder()
        #expect(shared.count == 0)
        #expect(shared.snapshot().longest == .zero)
        #expect(shared.snapshot().percentile(99) == .zero)
        #expect(shared.total == .zero)
    }
}
