import Foundation
import Synchronization

/// The stores' health, and those who want to know of changes.
final class HealthBroadcast: Sendable {
    private struct State {
        var machines: [HealthMachine]
        var nextID = 0
        var subscribers: [Int: AsyncStream<HealthChange>.Continuation] = [:]
        var isFinished = false
    }

    /// What a subscriber may fall behind before it misses the oldest changes.
    static let bufferSize = 64

    private let state: Mutex<State>

    init(_ stores: [StoreKind], configuration: HealthConfiguration, now: Date = Date()) {
        let machines = stores.map { HealthMachine($0, configuration: configuration, now: now) }
        state = Mutex(State(machines: machines))
    }

    var report: HealthReport { state.withLock { HealthReport(stores: $0.machines.map(\.health)) } }

    /// - Returns: the change, which every subscriber has got then.
    func look(
        at store: StoreKind, _ probe: HealthMachine.Probe, _ pools: [NamedPoolStatus], now: Date = Date()
    ) -> HealthChange? {
        state.withLock { state in
            guard let index = state.machines.firstIndex(where: { $0.health.store == store }),
                let change = state.machines[index].look(probe, pools, now: now)
            else { return nil }
            // Under the lock, so that all get the changes in one order; yielding to a stream runs none of its consumer.
            for subscriber in state.subscribers.values { subscriber.yield(change) }
            return change
        }
    }

    func subscribe() -> AsyncStream<HealthChange> {
        let (stream, continuation) = AsyncStream<HealthChange>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.bufferSize))
        let id = state.withLock { state -> Int? in
            for machine in state.machines { continuation.yield(HealthChange(health: machine.health, previous: nil)) }
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.subscribers[state.nextID] = continuation
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.unsubscribe(id) }
        return stream
    }

    /// Ends all sequences; those that begin later tell how things were, and end.
    func finish() {
        let subscribers = state.withLock { state in
            state.isFinished = true
            defer { state.subscribers = [:] }
            return state.subscribers.values.map { $0 }
        }
        // Outside of the lock: ending calls `unsubscribe`.
        for subscriber in subscribers { subscriber.finish() }
    }

    private func unsubscribe(_ id: Int) {
        state.withLock { $0.subscribers[id] = nil }
    }

    var subscriberCount: Int { state.withLock { $0.subscribers.count } }
}

/// The changes of the stores' health (P6): first how each store is now, then every change, until the manager shuts down.
///
/// Who reads slowly can fall behind by 64 changes, and misses the oldest after that. Any number of tasks may each have a sequence of their
/// own; one sequence is for one task.
public struct HealthChanges: AsyncSequence, Sendable {
    /// A change.
    public typealias Element = HealthChange
    /// None.
    public typealias Failure = Never

    let stream: AsyncStream<HealthChange>

    /// Reads the changes.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: AsyncStream<HealthChange>.AsyncIterator

        /// The next change; nil when the manager has shut down, or the task is cancelled.
        public mutating func next() async -> HealthChange? { await base.next() }

        /// The next change; nil when the manager has shut down, or the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> HealthChange? {
            await base.next(isolation: actor)
        }
    }

    /// An iterator.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: stream.makeAsyncIterator()) }
}
