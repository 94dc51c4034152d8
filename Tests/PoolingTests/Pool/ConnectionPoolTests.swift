import Testing

@testable import Pooling

@Suite("Connection pool", .timeLimit(.minutes(1)))
struct ConnectionPoolTests {
    @Test("P5, M1: a connection is opened once, lent for a scope, used again, and each step is told to the observer")
    func reuse() async throws {
        let fixture = try Fixture()
        for _ in 0..<10 {
            let number = try await fixture.pool.withConnection { $0.number }
            #expect(number == 1)
        }
        let status = fixture.pool.status
        #expect(status.idle == 1)
        #expect(status.counters.acquired == 10)
        #expect(status.counters.reused == 9)
        #expect(status.counters.reuseRate == 0.9)
        var opened = 0
        var acquired = 0
        var released = 0
        for event in fixture.events.events {
            switch event {
            case .opened: opened += 1
            case .acquired: acquired += 1
            case .released: released += 1
            default: break
            }
        }
        #expect(opened == 1)
        #expect(acquired == 10)
        #expect(released == 10)
    }

    @Test(
        "P5: a timeout's error says the pool's state, how long, the limit, the last connect error, and who holds what")
    func timeout() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let lease = try await pool.acquire(file: "App/Orders.swift", line: 17)
        async let outcome = Result.catching { try await pool.withConnection(timeout: .seconds(5)) { $0.number } }
        await fixture.until { pool.status.waiting == 1 }
        fixture.time.advance(by: .seconds(5))
        let error = try #require(await outcome.error as? PoolError)
        #expect(error.code == .acquireTimedOut)
        #expect(error.limit == .seconds(5))
        #expect(error.holders.first?.place == CodePlace(file: "App/Orders.swift", line: 17))
        let text = error.description
        for part in [
            "pool test", "5.0 seconds", "1 leased", "1 waiting", "max 1", "App/Orders.swift:17 for 5.0 seconds",
        ] {
            #expect(text.contains(part), "\(part) in: \(text)")
        }
        pool.release(lease)
        #expect(pool.status.counters.timedOut == 1)
        #expect(pool.status.waiting == 0)
    }

    @Test("P5: during an outage those who wait learn the last connect error; the pool recovers by itself")
    func outage() async throws {
        let fixture = try Fixture()
        let pool = fixture.pool
        fixture.store.change { $0.openError = TestError("connection refused") }
        async let first = Result.catching { try await pool.withConnection(timeout: .seconds(2)) { $0.number } }
        await fixture.until { pool.status.connectFailuresInARow == 1 && pool.status.waiting == 1 }
        fixture.time.advance(by: .seconds(2))
        let error = try #require(await first.error as? PoolError)
        #expect(error.description.contains("connection refused"))
        #expect(error.underlying is TestError)

        async let second = pool.withConnection { $0.number }
        await fixture.until { pool.status.waiting == 1 }
        fixture.store.change { $0.openError = nil }
        // The pause before the next attempt is at most the configured one.
        await fixture.until {
            fixture.time.advance(by: .milliseconds(100))
            return pool.status.counters.opened == 1
        }
        #expect(try await second == 1)
        #expect(pool.status.connectFailuresInARow == 0)
        await fixture.until { fixture.lines.text.contains { $0.contains("connecting works again") } }
    }

    @Test("P5: a cancelled waiting task leaves the queue at once")
    func cancellation() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let lease = try await pool.acquire()
        let task = Task { try await pool.withConnection { $0.number } }
        await fixture.until { pool.status.waiting == 1 }
        task.cancel()
        let result = await task.result
        #expect(result.error is CancellationError)
        #expect(pool.status.waiting == 0)
        pool.release(lease)
        #expect(pool.status.idle == 1)
    }

    @Test("P5: opening a connection outlives the task that asked for it")
    func openingOutlivesTask() async throws {
        let fixture = try Fixture()
        let pool = fixture.pool
        fixture.store.change { $0.isHeld = true }
        let task = Task { try await pool.withConnection { $0.number } }
        await fixture.until { fixture.store.attempts == 1 }
        task.cancel()
        #expect(await task.result.error is CancellationError)
        fixture.store.letGo()
        await fixture.until { pool.status.idle == 1 }
        #expect(try await pool.withConnection { $0.number } == 1)
    }

    @Test("P5: after an error the connection is probed; if the probe fails it is closed and never handed on")
    func validationAfterError() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        #expect(
            await Result.catching { try await pool.withConnection { _ in throw TestError("a") } }.error is TestError)
        #expect(try await pool.withConnection { $0.number } == 1)
        #expect(fixture.store.validated == [1])

        fixture.store.change { $0.validationError = TestError("gone") }
        _ = await Result.catching { try await pool.withConnection { _ in throw TestError("b") } }
        #expect(try await pool.withConnection { $0.number } == 2)
        #expect(fixture.store.closed == [1])
    }

    @Test("P5: the factory's verdict decides what an error says about its connection", arguments: [true, false])
    func verdict(isHarmless: Bool) async throws {
        let fixture = try Fixture(maximum: 1)
        fixture.store.verdict.withLock { $0 = isHarmless ? .keep : .discard }
        _ = await Result.catching { try await fixture.pool.withConnection { _ in throw TestError("a") } }
        #expect(try await fixture.pool.withConnection { $0.number } == (isHarmless ? 1 : 2))
        #expect(fixture.store.validated == [])
    }

    @Test("P5: a connection that knows itself to be broken is handed out to nobody")
    func deadConnections() async throws {
        let fixture = try Fixture(maximum: 1)
        try await fixture.pool.withConnection { $0.die() }
        let second = try await fixture.pool.withConnection { $0 }
        #expect(second.number == 2)
        // While it is idle.
        second.die()
        #expect(try await fixture.pool.withConnection { $0.number } == 3)
        #expect(fixture.pool.status.counters.acquired == 3)
    }

    @Test("P5: a task that would wait for itself is told so")
    func nestedAcquire() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let inner = try await pool.withConnection { _ in
            await Result.catching { try await pool.withConnection { $0.number } }
        }
        let error = try #require(inner.error as? PoolError)
        #expect(error.code == .wouldDeadlock)
        #expect(error.holders.count == 1)
        #expect(pool.status.counters.deadlocks == 1)
        #expect(try await pool.withConnection { $0.number } == 1)
    }

    @Test("P5: a larger maximum serves those who wait; a smaller one closes connections as they come back")
    func resize() async throws {
        let fixture = try Fixture(maximum: 1)
        let pool = fixture.pool
        let first = try await pool.acquire()
        async let waiting = pool.acquire()
        await fixture.until { pool.status.waiting == 1 }
        try pool.resize(minimum: 0, maximum: 2)
        let second = try await waiting
        try pool.resize(minimum: 0, maximum: 1)
        pool.release(first)
        pool.release(second)
        await fixture.until { pool.status.total == 1 }
        #expect(fixture.store.closed == [1])
        #expect(throws: PoolError.self) { try pool.resize(minimum: 3, maximum: 2) }
    }

    @Test("A wrong configuration is refused with everything that is wrong about it")
    func configuration() {
        do {
            _ = try Fixture(minimum: 5, maximum: 2) { $0.lifetimeJitter = 2 }
            Issue.record("accepted")
        } catch let error as PoolError {
            #expect(error.code == .invalidConfiguration)
            #expect(error.description.contains("minimumSize (5) is above maximumSize (2)"))
            #expect(error.description.contains("lifetimeJitter is 2.0"))
        } catch {
            Issue.record(error)
        }
    }

    @Test("Releasing twice, a mistake, is logged and changes nothing")
    func doubleRelease() async throws {
        let fixture = try Fixture()
        let lease = try await fixture.pool.acquire()
        fixture.pool.release(lease)
        fixture.pool.release(lease)
        #expect(fixture.lines.text.contains { $0.contains("released twice") })
        #expect(fixture.pool.status.idle == 1)
    }
}

extension Result where Failure == any Error {
    static func catching(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> sending Success
    ) async -> Result where Success: Sendable {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    var error: (any Error)? { if case .failure(let error) = self { error } else { nil } }
}
