import Measurement
import Testing

@testable import Transactions

@Suite struct CacheConfirmationsTests {
    @Test("I1: the journal keeps what Redis got within the window, and little more") func model() {
        let start = ContinuousClock.now
        let window = Duration.seconds(64)
        for seed in UInt64(1)...200 {
            var random = SplitMix64(seed: seed)
            var confirmations = CacheConfirmations()
            var notes: [(number: UInt64, moment: ContinuousClock.Instant)] = []
            var now = start
            var number: UInt64 = 0
            var contact = start
            var loss = start
            for _ in 1...300 {
                now += .milliseconds(Int.random(in: 0...3_000, using: &random))
                if Int.random(in: 0...20, using: &random) == 0 {
                    number -= UInt64.random(in: 0...min(number, 5), using: &random)
                    confirmations.lose(after: number)
                    loss = now
                    notes.removeAll { $0.number > number }
                } else {
                    number += UInt64.random(in: 1...3, using: &random)
                    confirmations.note(number, asked: now, answered: now, window: window)
                    notes.append((number, now))
                    contact = now
                }
                let safe = confirmations.safe(window: window)
                let oldEnough = notes.last { $0.moment <= contact - window }?.number ?? 0
                #expect(safe <= oldEnough, "seed \(seed)")
                // A quarter of the window more for its resolution; a loss may take the only entry near a number.
                guard now - loss > window * 2 else { continue }
                let atLeast = notes.last { $0.moment <= contact - window - .seconds(16) }?.number ?? 0
                #expect(safe >= atLeast, "seed \(seed)")
            }
        }
    }

    @Test("I1: what counts is when Redis got something, and that it still had it a window later") func late() {
        let start = ContinuousClock.now
        let window = Duration.seconds(60)
        var confirmations = CacheConfirmations()
        func note(_ number: UInt64, _ seconds: Int) {
            let moment = start + .seconds(seconds)
            confirmations.note(number, asked: moment, answered: moment, window: window)
        }
        note(7, 100)
        #expect(confirmations.safe(window: window) == 0)
        note(8, 159)
        #expect(confirmations.safe(window: window) == 0)
        // However much later it is: it may have lost both, and nobody has asked.
        note(9, 160)
        #expect(confirmations.safe(window: window) == 7)
        // A reply that was overtaken says nothing new.
        note(8, 150)
        #expect(confirmations.safe(window: window) == 7)
        confirmations.lose(after: 6)
        #expect(confirmations.safe(window: window) == 0)
    }
}
