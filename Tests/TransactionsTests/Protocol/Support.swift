import GRDB
import GraphClient
import RedisClient
import Stores
import Synchronization
import Testing

@testable import Transactions

/// Something that happens once, and for which any number of tasks wait.
final class Event: Sendable {
    private struct State {
        var hasHappened = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func happen() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.hasHappened = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.hasHappened { state.waiters.append(continuation) }
                return state.hasHappened
            }
            if isOver { continuation.resume() }
        }
    }
}

/// What a test counts from several tasks.
final class Tally: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }

    @discardableResult
    func add(_ amount: Int = 1) -> Int {
        count.withLock { count in
            count += amount
            return count
        }
    }
}

/// Expects a ``TransactionError`` of a kind, whose text says what happened and what to do.
@discardableResult
func expectFailure<Value>(
    _ code: TransactionError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
) async -> TransactionError? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as TransactionError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        for word in words { #expect("\(error)".contains(word), "\(error)", sourceLocation: sourceLocation) }
        #expect(!error.message.isEmpty && !error.remedy.isEmpty, sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
    return nil
}

/// The error that `body` throws, of whatever type.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Value
) async -> (any Error)? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

extension LiveStores {
    /// Expects these users in each of the three stores, and no others.
    func expectUsers(_ ids: [Int], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let users = try await users()
        #expect(users.sqlite == ids, "SQLite", sourceLocation: sourceLocation)
        #expect(users.graph == ids, "the graph", sourceLocation: sourceLocation)
        #expect(users.redis == ids, "Redis", sourceLocation: sourceLocation)
    }

    /// Expects that the stores still work together: one more user gets into all of them.
    func expectWorks(
        after ids: [Int], adding id: Int = 99, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await coordinator.transaction { txn in try await txn.addUser(id) }
        try await expectUsers(ids + [id], sourceLocation: sourceLocation)
        let isIdle = await coordinator.core.isAtRest
        #expect(isIdle, "a unit or a lock was left", sourceLocation: sourceLocation)
    }
}

extension CoordinatorCore {
    /// Whether nobody holds or waits for anything.
    var isAtRest: Bool { units.isEmpty && locks.isEmpty && gate.isAtRest }

    /// How many units wait for a lock.
    var waiting: Int { units.values.filter { $0.lockWait != nil || gate.isWaiting($0.id) }.count }

    /// Returns when so many units wait for locks.
    nonisolated func untilWaiting(_ count: Int) async throws {
        while await waiting < count { try await Task.sleep(for: .milliseconds(1)) }
    }
}

extension TransactionOptions {
    /// One attempt, within a generous time.
    static var once: TransactionOptions { TransactionOptions(retry: .none) }
}
