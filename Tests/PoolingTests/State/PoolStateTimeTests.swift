import Testing

@testable import Pooling

@Suite("Pool state: what time does")
struct PoolStateTimeTests {
    @Test("P5: unused connections above the minimum are closed, the one unused for longest first")
    func idleTimeout() throws {
        let pool = StateHarness(idle: 3) {
            $0.minimum = 1
            $0.idleTimeout = .seconds(10)
        }
        _ = pool.tick(after: 5)
        let lease = try #require(pool.acquire())
        _ = pool.release(lease)
        let actions = pool.tick(after: 6)
        #expect(actions.closeReasons == [.idleTimeout, .idleTimeout])
        #expect(!actions.closes.map(\.slot).contains(lease.slot))
        #expect(pool.tick(after: 20).closes.isEmpty, "the minimum stays")
    }

    @Test("P5: the maximum lifetime is checked when a connection is taken, when it comes back and while it is idle")
    func maximumLifetime() throws {
        let busy = StateHarness(idle: 1) { $0.maximumLifetime = .seconds(100) }
        busy.advance(99)
        let lease = try #require(busy.acquire())
        busy.advance(1)
        #expect(busy.release(lease).closeReasons == [.expired])

        let unused = StateHarness(idle: 1) { $0.maximumLifetime = .seconds(100) }
        unused.advance(100)
        #expect(unused.acquire() == nil)
        let waiter = unused.wait()
        #expect(waiter.actions.closeReasons == [.expired])
        #expect(waiter.actions.opens.count == 1)

        let swept = StateHarness(idle: 1) {
            $0.minimum = 1
            $0.maximumLifetime = .seconds(100)
        }
        let actions = swept.tick(after: 100)
        #expect(actions.closeReasons == [.expired])
        #expect(actions.opens.count == 1, "and the minimum is kept")
    }

    @Test("P5: connections opened together do not expire together")
    func lifetimeJitter() {
        let pool = StateHarness {
            $0.minimum = 2
            $0.maximumLifetime = .seconds(100)
            $0.lifetimeJitter = 0.2
        }
        for (ticket, entropy) in zip(pool.start().opens, [UInt64.max, 0]) {
            pool.entropy = entropy
            _ = pool.opened(ticket)
        }
        #expect(pool.tick(after: 79).closes.isEmpty)
        #expect(pool.tick(after: 2).closes.count == 1)
        #expect(pool.tick(after: 18).closes.isEmpty)
        #expect(pool.tick(after: 2).closes.count == 1)
    }

    @Test("P5: idle connections are probed now and then, never all at the same time, and keep their idle time")
    func keepAlive() throws {
        let pool = StateHarness(idle: 4) {
            $0.keepAlive = .seconds(10)
            $0.idleTimeout = .seconds(25)
        }
        let checks = pool.tick(after: 10).checks
        #expect(checks.count == 2)
        #expect(pool.state.idle.count == 2)
        for ticket in checks { #expect(pool.checked(ticket, works: true) == []) }
        #expect(pool.state.violations == [])
        let rest = pool.tick(after: 1).checks
        #expect(Set(rest.map(\.slot)).isDisjoint(with: checks.map(\.slot)))
        #expect(pool.checked(try #require(rest.first), works: false).closeReasons == [.broken])
        _ = pool.checked(try #require(rest.last), works: true)
        #expect(pool.tick(after: 14).closeReasons == [.idleTimeout, .idleTimeout, .idleTimeout])
    }

    @Test("P5: a connection held too long is reported once for each lease, with the place")
    func leaks() throws {
        let pool = StateHarness(idle: 1) { $0.leakThreshold = .seconds(60) }
        let lease = try #require(pool.acquire(line: 42))
        #expect(pool.tick(after: 59).warnings.isEmpty)
        #expect(pool.tick(after: 1).warnings == [PoolHolder(age: .seconds(60), place: .test(42))])
        #expect(pool.tick(after: 60).warnings.isEmpty)
        _ = pool.release(lease)
        _ = pool.acquire(line: 43)
        #expect(pool.tick(after: 60).warnings.count == 1)
        #expect(pool.state.counters.leaks == 2)
    }

    @Test("P5, P7: a larger pool serves those who wait; a smaller one closes idle connections now and others on return")
    func resizing() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire())
        let waiter = pool.wait()
        let opens = pool.resize(0, 3).opens
        #expect(opens.count == 1)
        #expect(pool.opened(try #require(opens.first)).completed == [waiter.id])
        _ = pool.resize(3, 3)
        for ticket in pool.state.slots.indices { #expect(ticket < 3) }
        #expect(pool.state.opening == 1)

        let shrinking = StateHarness(idle: 4)
        let held = [try #require(shrinking.acquire()), try #require(shrinking.acquire())]
        let actions = shrinking.resize(0, 1)
        #expect(actions.closeReasons == [.excess, .excess])
        #expect(shrinking.release(held[0]).closeReasons == [.excess])
        #expect(shrinking.release(held[1]) == [])
        #expect(shrinking.state.status().idle == 1)
        _ = lease
    }

    @Test("P5: shutdown serves those who wait already, refuses others, and ends when the last connection is closed")
    func drain() throws {
        let pool = StateHarness(idle: 2) { $0.maximum = 2 }
        let a = try #require(pool.acquire())
        let b = try #require(pool.acquire())
        let waiter = pool.wait()
        #expect(pool.drain(within: 30) == [])
        #expect(pool.wait().actions.failures.map(\.cause) == [.shutDown])
        let served = pool.release(a)
        #expect(served.completed == [waiter.id])
        let first = pool.release(b)
        #expect(first.closeReasons == [.shutdown])
        let second = pool.release(try #require(served.leases.first))
        #expect(pool.closed(try #require(first.closes.first)).reports.isEmpty)
        let end = pool.closed(try #require(second.closes.first))
        #expect(end.reports == [PoolDrainReport()])
        #expect(pool.acquire() == nil)
        #expect(pool.wait().actions.failures.map(\.cause) == [.shutDown])
    }

    @Test("P5: at the shutdown's deadline waiters are refused, and holders interrupted and named")
    func drainDeadline() throws {
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        let lease = try #require(pool.acquire(line: 5))
        let waiter = pool.wait()
        _ = pool.drain(within: 10)
        let actions = pool.tick(after: 10)
        #expect(actions.completed == [waiter.id])
        #expect(actions.failures.map(\.cause) == [.shutDown])
        #expect(actions.interrupted == [lease])
        let report = try #require(actions.reports.first)
        #expect(report.remainingHolders == [PoolHolder(age: .seconds(10), place: .test(5))])
        #expect(report.refusedWaiters == 1)
        #expect(pool.state.isRevoked(lease))
        #expect(pool.release(lease).closeReasons == [.shutdown])
    }

    @Test("P5: a pool without connections closes at once; one that still connects, by its deadline")
    func drainEmpty() throws {
        let empty = StateHarness()
        #expect(empty.drain(within: 10).reports.count == 1)
        let connecting = StateHarness { $0.minimum = 1 }
        let open = try #require(connecting.start().opens.first)
        #expect(connecting.drain(within: 3).reports.isEmpty)
        let actions = connecting.tick(after: 3)
        #expect(actions.abandoned == [open])
        #expect(actions.reports.first?.unfinishedOperations == 1)
        #expect(connecting.state.violations == [])
    }

    @Test("Extreme times saturate and never trap")
    func extremes() {
        let far = PoolInstant(nanoseconds: .max - 1)
        #expect(far.advanced(by: .seconds(10)) == .never)
        #expect(far.since(PoolInstant(nanoseconds: .min)) == .endless)
        #expect(PoolSpan(.seconds(Int64.max)) == .endless)
        #expect(PoolSpan.endless.scaled(by: 0.5) == .endless)
        #expect(PoolSpan(nanoseconds: .max - 1).scaled(by: 1).nanoseconds > 0)
        let pool = StateHarness(idle: 1) { $0.maximum = 1 }
        _ = pool.acquire()
        #expect(pool.wait(-5).actions.failures.map(\.cause) == [.timedOut])
    }

    @Test("P5: a connection that is meant to be held is not reported as held too long")
    func meantToLast() {
        let pool = StateHarness(idle: 1) { $0.leakThreshold = .seconds(10) }
        let (_, actions) = pool.wait(30, LeaseManner(isMeantToLast: true))
        #expect(actions.leases.count == 1)
        #expect(pool.tick(after: 100).warnings == [] && pool.state.counters.leaks == 0)
        _ = actions.leases.map { pool.release($0) }
        _ = pool.acquire()
        #expect(pool.tick(after: 100).warnings.count == 1)
    }
}
