import Pooling
import RedisClient
import Synchronization
import Testing

@testable import Stores

/// Tasks that use Redis in every way until they are told to stop, and an account of what they were told.
///
/// Each task counts in keys of its own; the account knows what they must hold: at least what was acknowledged, at most that and what may
/// have run.
final class MixedLoad: Sendable {
    struct Failure: Sendable {
        var error: any Error
        var use: String
        var isUncertain: Bool

        var text: String { "\(use): \(error)" }
    }

    struct Account: Sendable {
        var acknowledged = 0
        var uncertain = 0
        var wrongReplies: [String] = []
    }

    private struct State: Sendable {
        var accounts: [String: Account] = [:]
        var failures: [Failure] = []
        var isOver = false
        var successes: [Int: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())
    private let tasks: Int

    init(tasks: Int = 24) {
        self.tasks = tasks
    }

    var failures: [Failure] { state.withLock { $0.failures } }

    /// When each task last succeeded; nil for one that never did.
    private func lastSuccess(_ task: Int) -> ContinuousClock.Instant? { state.withLock { $0.successes[task] } }

    /// Runs the load while `body` runs.
    func run(on redis: some LoadedRedis, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask { await self.work(task, redis) }
            }
            do {
                try await self.everyoneSucceeds(within: .seconds(20), "at the beginning")
                try await body()
            } catch {
                self.state.withLock { $0.isOver = true }
                throw error
            }
            self.state.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
    }

    /// Waits until each task has had a success since now.
    func everyoneSucceeds(within limit: Duration, _ what: String) async throws {
        let start = ContinuousClock.now
        while true {
            let late = (0..<tasks).filter { task in lastSuccess(task).map { $0 < start } ?? true }
            if late.isEmpty { return }
            guard ContinuousClock.now - start < limit else {
                Issue.record("\(what): tasks \(late) do not succeed within \(limit); \(failures.suffix(3).map(\.text))")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits until each task but some, who may be held up, has gone on.
    func everyoneMoves(except held: Set<Int>) async throws {
        let start = ContinuousClock.now
        let others = (0..<tasks).filter { !held.contains($0) }
        while others.contains(where: { task in lastSuccess(task).map { $0 < start } ?? true }) {
            guard ContinuousClock.now - start < .seconds(20) else {
                Issue.record("the load stands still")
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func work(_ task: Int, _ redis: some LoadedRedis) async {
        var round = 0
        while !state.withLock({ $0.isOver }) {
            round += 1
            await step(task, round, redis)
            if round.isMultiple(of: 50) { await Task.yield() }
        }
    }

    private func step(_ task: Int, _ round: Int, _ redis: some LoadedRedis) async {
        let use = ["incr", "echo", "pipeline", "transaction", "exclusive", "read"][(task + round) % 6]
        // One slot for each task, so that transactions work in a cluster too.
        let key = "{\(task)}:\(use)"
        do {
            switch use {
            case "incr":
                _ = try await redis.send(RedisCommand("INCR", key))
            case "echo", "read":
                let text = "\(task) \(round)"
                let reply = use == "echo" ? try await redis.echo(text) : try await redis.mget(["{\(task)}:none"], text)
                if reply != text {
                    state.withLock { $0.accounts[key, default: Account()].wrongReplies.append("\(text) -> \(reply)") }
                }
            case "pipeline":
                for reply in await redis.pipeline([RedisCommand("INCR", key), RedisCommand("INCR", key)]) {
                    count(task, key, use, reply.map { _ in })
                }
                return
            case "transaction":
                for reply in try await redis.transaction([RedisCommand("INCR", key)]) { _ = try reply.get() }
            default:
                try await redis.exclusively(key) { _ = try await $0.send(RedisCommand("INCR", key)) }
            }
            count(task, key, use, Result<Void, RedisError>.success(()))
        } catch {
            count(task, key, use, Result<Void, any Error>.failure(error))
        }
    }

    private func count(_ task: Int, _ key: String, _ use: String, _ result: Result<Void, some Error>) {
        state.withLock { state in
            switch result {
            case .success:
                state.successes[task] = .now
                state.accounts[key, default: Account()].acknowledged += 1
            case .failure(let error):
                let isUncertain = (error as? RedisError)?.mayHaveRun ?? false
                state.failures.append(Failure(error: error, use: use, isUncertain: isUncertain))
                if isUncertain { state.accounts[key, default: Account()].uncertain += 1 }
            }
        }
    }

    /// Compares each counter with its account.
    func audit(_ redis: some RedisCommands) async throws {
        for (key, account) in state.withLock({ $0.accounts }) {
            #expect(account.wrongReplies == [], "\(key)")
            if key.hasSuffix(":echo") || key.hasSuffix(":read") { continue }
            let value = try await redis.get(key, as: Int.self) ?? 0
            #expect(value >= account.acknowledged, "\(key): what was acknowledged is lost")
            #expect(value <= account.acknowledged + account.uncertain, "\(key): more has run than was told")
        }
    }

    /// Every failure says what happened, in one of these ways.
    func expectFailures(_ codes: [RedisError.Code], _ comment: Comment? = nil) {
        for failure in failures {
            switch failure.error {
            case let error as RedisError:
                #expect(codes.contains(error.code), "\(comment.map { "\($0): " } ?? "")\(failure.text)")
                #expect(error.endpoint != nil && error.remedy.isEmpty == false, "\(failure.text)")
            case let error as PoolError:
                #expect(error.code == .acquireTimedOut && error.status?.lastConnectFailure != nil, "\(failure.text)")
            default:
                Issue.record("\(failure.text)")
            }
        }
    }
}

/// What both pools can do.
protocol LoadedRedis: RedisCommands {
    func pipeline(_ commands: [RedisCommand]) async -> [Result<RESPValue, RedisError>]
    func transaction(_ commands: [RedisCommand]) async throws(RedisError) -> [Result<RESPValue, RedisError>]
    func exclusively(_ key: String, _ body: @Sendable (RedisConnection) async throws -> Void) async throws
}

extension LoadedRedis {
    /// A read that answers with what is expected of it.
    func mget(_ keys: [String], _ text: String) async throws -> String {
        let values = try await send(RedisCommand("MGET", keys), as: [String?].self)
        return values == [nil] ? text : "\(values)"
    }
}

extension RedisPool: LoadedRedis {
    func exclusively(_ key: String, _ body: @Sendable (RedisConnection) async throws -> Void) async throws {
        try await withConnection { try await body($0) }
    }
}

extension RedisClusterPool: LoadedRedis {
    func exclusively(_ key: String, _ body: @Sendable (RedisConnection) async throws -> Void) async throws {
        try await withConnection(for: key) { try await body($0) }
    }
}
