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
        #expect(pool.state.failuresInARow == 4)
        // Four that were under way together are one failure: 1 s, of which half is random.
        #expect(pool.tick(after: 0.25).opens.isEmpty)
        #expect(pool.state.alarm == PoolInstant(nanoseconds: 500_000_000))
        var attempt = pool.tick(after: 0.25).opens
        #expect(attempt.count == 1)
        for pause in [1, 2] {
            _ = pool.openFailed(try #require(attempt.first))
            #expect(pool.tick(after: Double(pause) - 0.25).opens.isEmpty)
            attempt = pool.tick(after: 0.25).opens
            #expect(attempt.count == 1, "twice as long as before")
        }
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

    @Test("P5: attempts that fail late, after the pause that the first one began, are still the same failure")
    func lateFailures() throws {
        let pool = StateHarness { $0.maximum = 10 }
        let first = try #require(pool.wait(1000).actions.opens.first)
        let second = try #require(pool.wait(1000).actions.opens.first)
        _ = pool.openFailed(first)
        _ = pool.tick(after: 3)
        _ = pool.openFailed(second)
        #expect(pool.state.failuresInARow == 2)
        #expect(pool.tick(after: 0.5).opens.count == 1)
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

    @Test("P5: who does not wait for an unreachable store is told as soon as connecting fails")
    func unreachable() throws {
        let pool = StateHarness()
        let urgent = LeaseManner(failsWhenUnreachable: true)
        let (patientID, first) = pool.wait()
        let (urgentID, _) = pool.wait(30, urgent)
        let opened = try #require(first.opens.first)
        let failed = pool.openFailed(opened, "no route")
        #expect(failed.completed == [urgentID] && failed.failures.map(\.cause) == [.unreachable])
        #expect(failed.failures.first?.status.lastConnectFailure?.description == "no route")
        // Until the next attempt the answer is known.
        #expect(pool.wait(30, urgent).actions.failures.map(\.cause) == [.unreachable])
        #expect(pool.state.counters.unreachable == 2 && pool.state.waiters.contains(patientID))
    }

    @Test("P5: with a connection that may become free nobody gives up")
    func reachable() throws {
        let pool = StateHarness(idle: 1)
        _ = pool.acquire()
        let (id, actions) = pool.wait(30, LeaseManner(failsWhenUnreachable: true))
        #expect(pool.openFailed(try #require(actions.opens.first)).completed == [] && pool.state.waiters.contains(id))
    }

    @Test("P5: nobody waits for what further attempts will not mend, and the pool makes them all the same")
    func lastingFailure() throws {
        let pool = StateHarness()
        let (id, actions) = pool.wait()
        let failed = pool.openFailed(try #require(actions.opens.first), "wrong password", isLasting: true)
        #expect(failed.completed == [id] && failed.failures.map(\.cause) == [.unreachable])
        pool.advance(2)
        let (next, again) = pool.wait()
        let completed = pool.opened(try #require(again.opens.first)).completed
        #expect(again.opens.count == 1 && completed == [next])
    }

    @Test("P5: idle connections that are known to be broken are closed, and replaced up to the minimum")
    func discarded() {
        let pool = StateHarness(idle: 3) { $0.minimum = 2 }
        pool.state.settings.minimum = 2
        let lease = pool.acquire()
        let actions = pool.discard(idle: [0, 1, 2])
        #expect(actions.closes.count == 2 && actions.closeReasons == [.broken, .broken])
        #expect(pool.state.isLeased(lease ?? PoolTicket(slot: 9, serial: 9)) && actions.opens == [])
        // Those being closed count until they are gone.
        #expect(actions.closes.flatMap { pool.closed($0) }.opens.count == 1)
    }
}
