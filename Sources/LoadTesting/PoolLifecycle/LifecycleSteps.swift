import Pooling
import RedisClient
import Stores

/// Leads a pool through its life, and says where it does not do what it promises.
struct LifecycleSteps: Sendable {
    let subject: PoolSubject
    let step: StepCounter

    /// A pool did something else than it promises.
    struct Broken: Error, CustomStringConvertible {
        var promise: String
        var found: String
        var description: String { "\(promise), and it was \(found)" }
    }

    /// All steps; a failed one is counted and the next goes on. Ends with the pool's end.
    func run() async {
        await perform("creation", creation)
        await perform("reuse", reuse)
        await perform("exhaustion", exhaustion)
        await perform("leak", leak)
        await perform("idle expiry", idleExpiry)
        await perform("lifetime", lifetime)
        await perform("clean-up", cleanUp)
    }

    private func perform(_ name: String, _ body: () async throws -> Void) async {
        try? await step("\(subject.kind.rawValue) \(name)") { try await body() }
    }

    private func expect(_ promise: String, _ condition: (PoolStatus) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !condition(subject.status) {
            guard ContinuousClock.now < end else { throw Broken(promise: promise, found: "\(subject.status)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func creation() async throws {
        subject.pools.start()
        try await expect("the pool opens its minimum by itself") { $0.idle >= $0.minimum && $0.opening == 0 }
    }

    private func reuse() async throws {
        let before = subject.status.counters
        for _ in 0..<100 { try await subject.hold(.seconds(10)) {} }
        let after = subject.status.counters
        let acquired = after.acquired - before.acquired, reused = after.reused - before.reused
        guard Double(reused) > Double(acquired) * 0.95 else {
            throw Broken(promise: "more than 95 % of acquires get a used connection", found: "\(reused) of \(acquired)")
        }
    }

    /// With all connections in use, one more is told who has them; then it gets one as soon as it is free.
    private func exhaustion() async throws {
        let (released, release) = AsyncStream<Never>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<PoolSubject.maximum {
                group.addTask { try await subject.hold(.seconds(10)) { for await _ in released {} } }
            }
            defer { release.finish() }
            try await expect("all connections can be held at once") { $0.leased == PoolSubject.maximum }
            try await expectRefusal()
            group.addTask { try await subject.hold(.seconds(10)) {} }
            try await expect("one more waits") { $0.waiting == 1 }
            release.finish()
            try await group.waitForAll()
        }
    }

    private func expectRefusal() async throws {
        do {
            try await subject.hold(.milliseconds(50)) {}
        } catch {
            let reason = (error as? PoolError) ?? (error as? RedisError)?.underlying as? PoolError
            guard let reason, reason.code == .acquireTimedOut, !reason.holders.isEmpty else {
                throw Broken(promise: "an exhausted pool says who holds what", found: "\(error)")
            }
            return
        }
        throw Broken(promise: "an exhausted pool refuses after the time limit", found: "a connection")
    }

    private func leak() async throws {
        let before = subject.status.counters.leaks
        try await subject.hold(.seconds(10)) {
            try await expect("a connection held too long is reported") { $0.counters.leaks > before }
        }
    }

    private func idleExpiry() async throws {
        try await expect("unused connections above the minimum are closed") {
            $0.total == $0.minimum && $0.closing == 0
        }
    }

    private func lifetime() async throws {
        let opened = subject.status.counters.opened
        try await expect("old connections are replaced by new ones") { $0.counters.opened >= opened + $0.minimum }
    }

    private func cleanUp() async throws {
        let report = await subject.pools.shutdown(within: .seconds(10))
        let left = subject.pools.statuses.reduce(0) { $0 + $1.status.total }
        guard report.isComplete, left == 0 else {
            throw Broken(promise: "a shutdown leaves nothing", found: "\(report), \(left) connections")
        }
    }
}
