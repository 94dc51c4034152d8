import Testing

@testable import Pooling

@Suite("Pool state: connecting")
struct PoolStateOpeningTests {
    @Test("P5: nothing is opened before the pool is used, then the minimum")
    func warmUp() {
        let pool = StateHarness {
            $0.minimum = 3
            $0.maximum = 5
        }
        #expect(pool.tick() == [])
        let opens = pool.start().opens
        #expect(opens.count == 3)
        for ticket in opens { #expect(pool.opened(ticket) == []) }
        #expect(pool.state.status().idle == 3)
        #expect(pool.start() == [])
    }

    @Test("P5: connections are opened few at a time")
    func limitedOpening() throws {
        let pool = StateHarness {
            $0.maximum = 20
            $0.maximumOpening = 3
        }
        var opens: [PoolTicket] = []
        for _ in 0..<10 { opens += pool.wait().actions.opens }
        #expect(opens.count == 3)
        #expect(pool.opened(try #require(opens.first)).opens.count == 1)
    }

    @Test("P5: what is opened goes to whoever is first, also when the task that caused it is gone")
    func openingOutlivesTheTask() throws {
        let pool = StateHarness { $0.maximum = 1 }
        let impatient = pool.wait()
        let patient = pool.wait()
        let open = try #require(impatient.actions.opens.first)
        #expect(pool.cancel(impatient.id).completed == [impatient.id])
        #expect(pool.opened(open).completed == [patient.id])

        let alone = StateHarness()
        let waiter = alone.wait()
        _ = alone.cancel(waiter.id)
        _ = alone.opened(try #require(waiter.actions.opens.first))
        #expect(alone.state.status().idle == 1, "kept for the next")
    }

    @Test("P5: failures to connect are followed by growing, random pauses, one attempt at a time, until one succeeds")
    func backOff() throws {
        let pool = StateHarness { $0.maximum = 10 }
        var opens: [PoolTicket] = []
        for _ in 0..<4 { opens += pool.wait(1000).actions.opens }
        #expect(opens.count == 4)
        for ticket in opens { #expect(pool.openFailed(ticket).opens.isEmpty) }
        // Four failures in a row: 8 s, of which half is random.
        #expect(pool.tick(after: 3.5).opens.isEmpty)
        #expect(pool.state.alarm == PoolInstant(nanoseconds: 4_000_000_000))
        var attempt = pool.tick(after: 0.5).opens
        #expect(attempt.count == 1)
        pool.entropy = .max
        _ = pool.openFailed(try #require(attempt.first))
        #expect(pool.tick(after: 7.5).opens.isEmpty, "no pause is longer than the limit")
        attempt = pool.tick(after: 0.5).opens
        #expect(attempt.count == 1)
        let recovered = pool.opened(try #require(attempt.first))
        #expect(recovered.completed.count == 1)
        #expect(recovered.opens.count == 3, "the others at once, without a pause")
        #expect(pool.state.failuresInARow == 0)
        #expect(pool.state.lastConnectFailure != nil)
    }

    @Test("P5: an attempt to connect that never ends is given up, counts as failed, and is not waited for")
    func endlessOpening() throws {
        let pool = StateHarness { $0.maximum = 1 }
        let waiter = pool.wait(1000)
        let open = try #require(waiter.actions.opens.first)
        let actions = pool.tick(after: 10)
        #expect(actions.abandoned == [open])
        #expect(pool.state.failuresInARow == 1)
        var late: [PoolAction] = []
        let isAccepted = pool.state.opened(open, now: pool.now, entropy: 0, actions: &late)
        #expect(!isAccepted)
        #expect(late == [])
        #expect(pool.tick(after: 1).opens.count == 1)
    }

    @Test("P5: a connection counts against the maximum until it is closed; a close that never ends is given up")
    func endlessClosing() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire())
        let waiter = pool.wait()
        let actions = pool.release(lease, as: .broken)
        #expect(actions.opens.isEmpty)
        let late = pool.tick(after: 5)
        #expect(late.abandoned == actions.closes)
        #expect(pool.opened(try #require(late.opens.first)).completed == [waiter.id])
    }
}
