import Testing

@testable import Pooling

@Suite("Pool state: taking, waiting, giving back")
struct PoolStateTests {
    @Test("P5: an idle connection is handed out without any action")
    func idleConnection() throws {
        let pool = StateHarness(idle: 1)
        let lease = try #require(pool.acquire())
        #expect(pool.state.leased == 1)
        #expect(pool.release(lease) == [])
        #expect(pool.state.status().idle == 1)
        #expect(pool.state.counters.acquired == 1)
    }

    @Test("P5: those who wait are served in order of arrival")
    func order() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        var lease = try #require(pool.acquire())
        let ids = (0..<5).map { _ in pool.wait().id }
        for id in ids {
            let actions = pool.release(lease)
            #expect(actions.completed == [id])
            lease = try #require(actions.leases.first)
        }
        #expect(pool.release(lease) == [])
    }

    @Test("P5: someone new does not overtake those who wait")
    func noOvertaking() throws {
        let pool = StateHarness(idle: 2) { $0.maximum = 2 }
        let a = try #require(pool.acquire())
        _ = try #require(pool.acquire())
        let first = pool.wait()
        let actions = pool.release(a)
        #expect(actions.completed == [first.id])
        #expect(pool.acquire() == nil)
    }

    @Test("P5: the timeout's error has the pool's state, the limit, and the longest holders first with their places")
    func timeout() throws {
        let pool = StateHarness(idle: 2)
        _ = pool.acquire(line: 11)
        pool.advance(3)
        _ = pool.acquire(line: 22)
        let waiter = pool.wait(5)
        #expect(pool.tick(after: 4.9).completed == [])
        let actions = pool.tick(after: 0.1)
        #expect(actions.completed == [waiter.id])
        let failure = try #require(actions.failures.first)
        #expect(failure.cause == .timedOut)
        #expect(failure.waited == .seconds(5))
        #expect(failure.limit == .seconds(5))
        #expect(failure.status.leased == 2)
        #expect(failure.status.waiting == 1)
        #expect(
            failure.holders == [
                PoolHolder(age: .seconds(8), place: .test(11)), PoolHolder(age: .seconds(5), place: .test(22)),
            ])
        #expect(pool.state.waiters.isEmpty)
    }

    @Test("P5: a timeout while connecting fails tells the last connect error")
    func timeoutWithConnectError() throws {
        let pool = StateHarness()
        let waiter = pool.wait(5)
        _ = pool.openFailed(try #require(waiter.actions.opens.first), "connection refused")
        let failure = try #require(pool.tick(after: 5).failures.first)
        #expect(failure.status.lastConnectFailure?.description == "connection refused")
        #expect(failure.status.connectFailuresInARow == 1)
    }

    @Test("P5: a cancelled waiter leaves at once, and the next takes its turn")
    func cancellation() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire())
        let first = pool.wait()
        let second = pool.wait()
        let actions = pool.cancel(first.id)
        #expect(actions.completed == [first.id])
        #expect(actions.failures.first?.cause == .cancelled)
        #expect(pool.state.waiters.count == 1)
        #expect(pool.cancel(first.id) == [])
        #expect(pool.release(lease).completed == [second.id])
    }

    @Test("P5: a cancellation that comes before its waiter is remembered, and forgotten with it")
    func earlyCancellation() {
        let pool = StateHarness()
        let id = pool.state.announceWaiter()
        #expect(pool.cancel(id) == [])
        let actions = pool.enqueue(id)
        #expect(actions.failures.map(\.cause) == [.cancelled])
        #expect(pool.state.announced.isEmpty)
        #expect(pool.state.waiters.isEmpty)
        // And one that comes after its waiter was served leaves nothing behind.
        #expect(pool.cancel(id) == [])
        #expect(pool.state.announced.isEmpty)
    }

    @Test("P5: cancelled waiters leave no memory behind while the pool is exhausted")
    func cancelledWaitersAreForgotten() {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        _ = pool.acquire()
        let patient = pool.wait()
        for _ in 0..<10_000 {
            let waiter = pool.wait()
            _ = pool.cancel(waiter.id)
        }
        #expect(pool.state.waiters.footprint < 100)
        #expect(pool.state.waiters.all.map(\.id) == [patient.id])
        #expect(pool.state.announced.isEmpty)
    }

    @Test("P5: a connection on which something failed is probed before anyone else gets it")
    func suspect() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire())
        let waiter = pool.wait()
        let actions = pool.release(lease, as: .suspect)
        #expect(actions.completed == [])
        let check = try #require(actions.checks.first)
        #expect(pool.checked(check, works: true).completed == [waiter.id])
    }

    @Test("P5: a connection that fails its probe is closed, and another one opened for whoever waits")
    func failedProbe() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire())
        let waiter = pool.wait()
        let check = try #require(pool.release(lease, as: .suspect).checks.first)
        let actions = pool.checked(check, works: false)
        #expect(actions.closeReasons == [.broken])
        #expect(actions.opens.isEmpty, "the old connection counts until it is gone")
        let opens = pool.closed(try #require(actions.closes.first)).opens
        #expect(pool.opened(try #require(opens.first)).completed == [waiter.id])
        #expect(pool.state.counters.checksFailed == 1)
    }

    @Test("P5: a probe that never ends is given up, and the connection closed")
    func endlessProbe() throws {
        let pool = StateHarness(idle: 1)
        let lease = try #require(pool.acquire())
        let check = try #require(pool.release(lease, as: .suspect).checks.first)
        let actions = pool.tick(after: 5)
        #expect(actions.abandoned == [check])
        #expect(actions.closeReasons == [.broken])
        #expect(pool.checked(check, works: true) == [], "a late answer changes nothing")
    }

    @Test("P5: a lease is released once; a second release of it does nothing")
    func doubleRelease() throws {
        let pool = StateHarness(idle: 1)
        let lease = try #require(pool.acquire())
        _ = pool.release(lease)
        #expect(pool.release(lease) == [])
        let again = try #require(pool.acquire())
        #expect(pool.release(lease) == [], "the connection has another holder now")
        #expect(pool.state.leased == 1)
        #expect(pool.release(again) == [])
        #expect(pool.state.violations == [])
    }

    @Test("P5: a task that holds the last connection is told that it would wait for itself")
    func nestedAcquire() throws {
        let pool = StateHarness(idle: 2)
        _ = try #require(pool.acquire(holder: 7, line: 70))
        let second = try #require(pool.acquire(holder: 8))
        let other = pool.wait(holder: 7)
        #expect(other.actions == [], "holder 8 may still give its connection back")
        let own = pool.wait(holder: 8)
        let failure = try #require(own.actions.failures.first)
        #expect(failure.cause == .wouldDeadlock)
        #expect(failure.holders.first?.place == .test(70))
        #expect(pool.release(second).completed == [other.id])
        #expect(pool.state.violations == [])
    }

    @Test("P5: no deadlock is told while a connection may still be opened, or a holder is unknown")
    func noFalseDeadlock() throws {
        let small = StateHarness(idle: 1) { $0.maximum = 2 }
        _ = try #require(small.acquire(holder: 7))
        #expect(small.wait(holder: 7).actions.opens.count == 1)

        let shared = StateHarness(idle: 2) { $0.maximum = 2 }
        _ = try #require(shared.acquire(holder: 7))
        _ = try #require(shared.acquire())
        #expect(shared.wait(holder: 7).actions == [])
    }

    @Test("P5: a holder that gave up waiting counts as one that may release again")
    func deadlockMarkEnds() throws {
        let pool = StateHarness(idle: 2) { $0.maximum = 2 }
        _ = try #require(pool.acquire(holder: 7))
        _ = try #require(pool.acquire(holder: 8))
        let first = pool.wait(holder: 7)
        _ = pool.cancel(first.id)
        #expect(pool.wait(holder: 8).actions == [])
        #expect(pool.state.violations == [])
    }
}
