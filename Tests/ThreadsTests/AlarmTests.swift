import Dispatch
import Synchronization
import Testing

@testable import Threads

@Suite struct AlarmTests {
    @Test("An alarm rings once for a moment, for an earlier one that is set later, and again for the next")
    func rings() {
        let rung = DispatchSemaphore(value: 0)
        let count = Mutex(0)
        let alarm = Alarm(name: "alarm") {
            count.withLock { $0 += 1 }
            rung.signal()
        }
        alarm.set(.now + .seconds(1_000))
        let first = ContinuousClock.now + .milliseconds(2)
        alarm.set(first)
        rung.wait()
        #expect(ContinuousClock.now >= first)
        // A moment that has passed.
        alarm.set(.now)
        rung.wait()
        #expect(count.withLock { $0 } == 2)
        alarm.stop()
    }

    @Test("A stopped alarm does not ring any more, and its thread ends")
    func stops() async throws {
        final class Held: Sendable {}
        weak var left: Held?
        do {
            let held = Held()
            left = held
            let alarm = Alarm(name: "alarm") { [held] in Issue.record("\(held) rang") }
            alarm.set(.now + .seconds(1_000))
            alarm.stop()
            alarm.set(.now)
        }
        while left != nil { try await Task.sleep(for: .milliseconds(1)) }
    }
}
