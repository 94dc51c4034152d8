import Measurement
import Testing

@testable import Pooling

@Suite("Connection pool: its life", .timeLimit(.minutes(1)))
struct ConnectionPoolLifeTests {
    @Test("P5: a pool warms up to its minimum, and fills up again after its connections expire")
    func warmUpAndLifetime() async throws {
        let fixture = try Fixture(minimum: 2, maximum: 4) {
            $0.maximumLifetime = .seconds(100)
            $0.keepAliveInterval = nil
        }
        fixture.pool.start()
        await fixture.until { fixture.pool.status.idle == 2 }
        fixture.time.advance(by: .seconds(101))
        await fixture.until { fixture.store.closed.count == 2 && fixture.pool.status.idle == 2 }
        #expect(fixture.store.openCount == 2)
    }

    @Test("P5: a connection held too long is logged once, with the place where it was acquired")
    func leak() async throws {
        let fixture = try Fixture { $0.leakThreshold = .seconds(10) }
        let lease = try await fixture.pool.acquire(file: "App/Leaky.swift", line: 3)
        fixture.time.advance(by: .seconds(11))
        await fixture.until { fixture.pool.status.counters.leaks == 1 && !fixture.lines.text.isEmpty }
        fixture.time.advance(by: .seconds(11))
        let warnings = fixture.lines.text.filter { $0.hasPrefix("warning") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("acquiredAt=App/Leaky.swift:3") == true)
        fixture.pool.release(lease)
    }

    @Test("P5: idle connections are probed and closed when the probe fails")
    func keepAlive() async throws {
        let fixture = try Fixture { $0.keepAliveInterval = .seconds(10) }
        _ = try await fixture.pool.withConnection { $0.number }
        fixture.time.advance(by: .seconds(11))
        await fixture.until { fixture.store.validated == [1] && fixture.pool.status.idle == 1 }
        fixture.store.change { $0.validationError = TestError("gone") }
        fixture.time.advance(by: .seconds(11))
        await fixture.until { fixture.store.closed == [1] }
    }

    @Test("P5: an attempt to connect that hangs is given up; a connection that still comes of it is closed")
    func hangingConnect() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        fixture.store.change { $0.isHeld = true }
        async let number = pool.withConnection { $0.number }
        await fixture.until { fixture.store.attempts == 1 }
        fixture.time.advance(by: .seconds(10))
        await fixture.until { pool.status.connectFailuresInARow == 1 }
        fixture.store.letGo()
        await fixture.until { fixture.store.closed == [1] }
        await fixture.until {
            fixture.time.advance(by: .milliseconds(100))
            return pool.status.counters.opened == 1
        }
        #expect(try await number == 2)
    }

    @Test("P5: shutdown waits for those who use connections and those who wait already")
    func drain() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let lease = try await pool.acquire()
        async let waiting = pool.withConnection { $0.number }
        await fixture.until { pool.status.waiting == 1 }
        async let report = pool.shutdown()
        await fixture.until { pool.status.phase == .draining }
        let refused = await Result.catching { try await pool.withConnection { $0.number } }
        #expect((refused.error as? PoolError)?.code == .shutDown)
        pool.release(lease)
        #expect(try await waiting == 1)
        #expect(await report.isComplete)
        #expect(fixture.store.openCount == 0)
        #expect(await pool.shutdown().isComplete)
    }

    @Test(
        "P5: at the deadline waiters get an error, users are interrupted and told, and nothing is closed under its user"
    )
    func drainDeadline() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let store = fixture.store
        let isDone = Counter()
        async let user = Result.catching {
            try await pool.withConnection { _ in
                while store.script.withLock({ $0.interrupted.isEmpty }) { await Task.yield() }
                #expect(store.closed.isEmpty)
                while isDone.value == 0 { await Task.yield() }
                throw TestError("interrupted")
            }
        }
        await fixture.until { pool.status.leased == 1 }
        async let waiter = Result.catching { try await pool.withConnection { $0.number } }
        await fixture.until { pool.status.waiting == 1 }
        async let report = pool.shutdown(within: .seconds(3))
        await fixture.until { pool.status.phase == .draining }
        fixture.time.advance(by: .seconds(3))
        #expect(await report.remainingHolders.count == 1)
        #expect(await report.refusedWaiters == 1)
        #expect((await waiter.error as? PoolError)?.code == .shutDown)
        isDone.add()
        let error = try #require(await user.error as? PoolError)
        #expect(error.code == .connectionRevoked)
        #expect(error.underlying is TestError)
        await fixture.until { store.openCount == 0 }
        #expect(fixture.lines.text.contains { $0.hasPrefix("warning shut down at the deadline") })
    }

    @Test("run() opens the minimum, and drains when it is cancelled", arguments: [true, false])
    func run(isCancelled: Bool) async throws {
        let fixture = try Fixture(minimum: 2)
        let pool = fixture.pool
        let service = Task { try await pool.run() }
        await fixture.until { pool.status.idle == 2 }
        if isCancelled { service.cancel() } else { await pool.shutdown() }
        try await service.value
        #expect(pool.status.phase == .closed)
        #expect(fixture.store.openCount == 0)
        try await pool.run()
    }

    @Test("A pool that is let go of closes its connections, and none of its timers keeps it")
    func letGo() async throws {
        let store: TestStore
        weak var pool: ConnectionPool<TestConnection>?
        do {
            let fixture = try Fixture(minimum: 3, maximum: 4)
            fixture.pool.start()
            await fixture.until { fixture.pool.status.idle == 3 }
            store = fixture.store
            pool = fixture.pool
        }
        while pool != nil || store.openCount > 0 { await Task.yield() }
        #expect(store.closed.sorted() == [1, 2, 3])
    }

    @Test("P5: under many tasks, errors and cancellations nobody shares a connection, hangs, or leaks one")
    func stress() async throws {
        let store = TestStore()
        let pool = try ConnectionPool(
            name: "stress", configuration: PoolConfiguration(minimumSize: 1, maximumSize: 4), factory: store.factory)
        let shared = Counter()
        let served = Counter()
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<40 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(seed))
                    for _ in 0..<250 {
                        let fails = generator.next() % 50 == 0
                        let pauses = generator.next() % 3
                        let work = Task {
                            try await pool.withConnection { connection in
                                if !connection.enter() { shared.add() }
                                for _ in 0..<pauses { await Task.yield() }
                                connection.leave()
                                served.add()
                                if fails { throw TestError("failed") }
                            }
                        }
                        if generator.next() % 3 == 0 { work.cancel() }
                        _ = await work.result
                    }
                }
            }
        }
        #expect(shared.value == 0)
        #expect(served.value > 1000)
        let status = pool.status
        #expect(status.leased == 0)
        #expect(status.waiting == 0)
        #expect(status.total <= 4)
        #expect(await pool.shutdown().isComplete)
        #expect(store.openCount == 0)
    }
}
