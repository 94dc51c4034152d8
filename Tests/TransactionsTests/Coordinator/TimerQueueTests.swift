import Measurement
import Testing

@testable import Transactions

@Suite struct TimerQueueTests {
    @Test("I7: timers come in the order of their moments, each once, unless they were taken back, in 500 orders")
    func random() {
        let start = ContinuousClock.now
        for seed in 0..<500 {
            var random = SplitMix64(seed: UInt64(seed))
            var queue = TimerQueue<Int>()
            var expected: [(moment: ContinuousClock.Instant, id: UInt64, value: Int)] = []
            var now = start
            for value in 0..<200 {
                switch Int.random(in: 0...3, using: &random) {
                case 0, 1:
                    let moment = start + .microseconds(Int.random(in: 0...1_000, using: &random))
                    expected.append((moment, queue.add(at: moment, value), value))
                case 2:
                    guard let index = expected.indices.randomElement(using: &random) else { continue }
                    let id = expected.remove(at: index).id
                    queue.cancel(id)
                    queue.cancel(id)
                default:
                    now += .microseconds(Int.random(in: 0...60, using: &random))
                    let due = expected.filter { $0.moment <= now }.sorted { ($0.moment, $0.id) < ($1.moment, $1.id) }
                    expected.removeAll { $0.moment <= now }
                    let found = queue.takeDue(at: now)
                    #expect(found == due.map(\.value), "seed \(seed)")
                }
                #expect(queue.count == expected.count)
                let next = queue.next()
                #expect(next == expected.map(\.moment).min())
            }
        }
    }

    @Test("I7: what was taken back leaves nothing behind, however many timers there were")
    func bounded() {
        var queue = TimerQueue<Int>()
        let moment = ContinuousClock.now + .seconds(30)
        for value in 0..<100_000 { queue.cancel(queue.add(at: moment, value)) }
        #expect(queue.count == 0)
        #expect(queue.places < 1_000)
    }

    @Test("A timer calls its action, also when an earlier one was taken back or a later one came first")
    func calls() async {
        let timers = Timers(RealClock())
        let early = timers.schedule(after: .milliseconds(2)) { Issue.record("it was taken back") }
        timers.cancel(early)
        let (later, sooner) = (Event(), Event())
        _ = timers.schedule(after: .milliseconds(20)) { later.happen() }
        _ = timers.schedule(after: .milliseconds(1)) { sooner.happen() }
        await sooner.wait()
        await later.wait()
    }
}
