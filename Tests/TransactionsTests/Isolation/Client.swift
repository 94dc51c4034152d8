import Synchronization
import Testing

@testable import Transactions

/// A transaction that is led step by step, so that several can be interleaved in an order that a test writes down.
///
/// A step that has to wait for another client's lock is left waiting, and the schedule goes on; later steps of the same
/// client follow it.
final class Client: Sendable {
    enum Ending {
        case committed
        case rolledBack(any Error)
    }

    private typealias Step = @Sendable (isolated Transaction) async throws -> Void

    private struct RollBack: Error {}

    private let coordinator: Coordinator
    private let given: AsyncStream<Step?>.Continuation
    private let progress: Progress
    private let ending: Task<Ending, Never>

    /// Apart from the client, since its task begins before the client is made.
    private final class Progress: Sendable {
        struct State {
            var unit: UnitID?
            var given = 0
            var done = 0
            var hasEnded = false
            var seen: [String: [Int]] = [:]
        }

        let state = Mutex(State())
    }

    init(_ coordinator: Coordinator, _ level: IsolationLevel) {
        self.coordinator = coordinator
        let (steps, continuation) = AsyncStream<Step?>.makeStream()
        given = continuation
        let progress = Progress()
        self.progress = progress
        ending = Task {
            let ending: Ending
            do {
                try await coordinator.transaction(TransactionOptions(retry: .none, isolation: level)) { txn in
                    progress.state.withLock { $0.unit = txn.id }
                    for await step in steps {
                        guard let step else { break }
                        try await step(txn)
                        progress.state.withLock { $0.done += 1 }
                    }
                }
                ending = .committed
            } catch {
                ending = .rolledBack(error)
            }
            progress.state.withLock { $0.hasEnded = true }
            return ending
        }
    }

    // MARK: Steps

    /// Does a step, and returns when it is done, waits for a lock, or will never be done since the transaction has ended.
    func then(_ step: @escaping @Sendable (isolated Transaction) async throws -> Void) async throws {
        progress.state.withLock { $0.given += 1 }
        given.yield(step)
        try await settle()
    }

    func read(_ cell: Cell, as name: String) async throws {
        try await then { txn in
            let value = try await cell.value(in: txn)
            self.note(value, as: name)
        }
    }

    func write(_ cell: Cell, _ value: Int) async throws {
        try await then { txn in try await cell.set(value, in: txn) }
    }

    /// Reads the ids of the cells that fulfil a condition, in all these stores.
    func readIDs(
        in places: [Place], as name: String, where condition: @escaping @Sendable (Int) -> Bool
    ) async throws {
        try await then { txn in
            for place in places {
                for (id, value) in try await place.all(in: txn) where condition(value) { self.note(id, as: name) }
            }
        }
    }

    func commit() async throws {
        given.yield(nil)
        progress.state.withLock { $0.given += 1 }
        try await settle()
    }

    func rollBack() async throws {
        try await then { _ in throw RollBack() }
    }

    private func settle() async throws {
        let limit = ContinuousClock.now + .seconds(20)
        while true {
            let now = progress.state.withLock { (unit: $0.unit, isDone: $0.hasEnded || $0.done == $0.given) }
            if now.isDone { return }
            if let unit = now.unit, await coordinator.core.isWaiting(unit) { return }
            guard ContinuousClock.now < limit else { throw Refused() }
            try await Task.sleep(for: .microseconds(200))
        }
    }

    // MARK: What became of it

    func note(_ value: Int, as name: String) {
        progress.state.withLock { $0.seen[name, default: []].append(value) }
    }

    /// What was read under a name.
    func seen(_ name: String) -> [Int] { progress.state.withLock { $0.seen[name] ?? [] } }

    /// Whether it has committed; waits for its end.
    var hasCommitted: Bool {
        get async {
            given.yield(nil)
            if case .committed = await ending.value { return true }
            return false
        }
    }

    /// Why it has not committed, in words; waits for its end.
    var outcome: String {
        get async {
            given.yield(nil)
            return switch await ending.value {
            case .committed: "committed"
            case .rolledBack(let error): "rolled back: \(error)"
            }
        }
    }
}

extension CoordinatorCore {
    /// Whether a unit waits for a lock, or for a snapshot to open.
    fileprivate func isWaiting(_ id: UnitID) -> Bool { units[id]?.lockWait != nil || gate.isWaiting(id) }
}
