import Testing

@testable import Transactions

@Suite struct RetryPolicyTests {
    @Test("T6: pauses double up to the longest, and half of each is by chance") func pauses() {
        let policy = RetryPolicy(maximumAttempts: 100, firstPause: .milliseconds(2), longestPause: .milliseconds(50))
        for attempt in 1...100 {
            let whole: Duration = attempt >= 6 ? .milliseconds(50) : .milliseconds(1 << attempt)
            #expect(policy.pause(afterAttempt: attempt, random: 0) == whole / 2)
            #expect(policy.pause(afterAttempt: attempt, random: 0.5) == whole / 4 * 3)
            #expect(policy.pause(afterAttempt: attempt, random: 0.999_999) < whole)
        }
    }
}
