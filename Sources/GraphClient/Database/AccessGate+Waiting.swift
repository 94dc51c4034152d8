import Dispatch
import Synchronization

/// The gate of one database: ``AccessGate`` with threads that wait. Called only on threads that may block.
final class GateKeeper: Sendable {
    fileprivate struct State {
        var gate = AccessGate()
        var nextID: UInt64 = 0
        /// Few at a time, so looking through them beats hashing.
        var entries: [Entry] = []
    }

    fileprivate struct Entry {
        var id: UInt64
        var purpose: String
        var since: ContinuousClock.Instant
        /// Raised when the request is granted.
        var semaphore: DispatchSemaphore?
    }

    private let state = Mutex(State())

    /// A granted place, to be given back with `leave`.
    struct Pass: Sendable {
        fileprivate let id: UInt64
        let mode: AccessGate.Mode
    }

    /// Waits for a place, at most for `limit`.
    /// - Parameters:
    ///   - purpose: what the place is for; other waiters read it in their error.
    ///   - isCancelled: asked now and then while waiting.
    /// - Throws: ``GraphError/busy(wanted:waited:holders:)`` or `CancellationError`.
    func enter(
        _ mode: AccessGate.Mode, purpose: String, limit: Duration, isCancelled: () -> Bool
    ) throws -> Pass {
        let start = ContinuousClock.now
        let (pass, semaphore) = state.withLock { state -> (Pass, DispatchSemaphore?) in
            state.nextID += 1
            let pass = Pass(id: state.nextID, mode: mode)
            let isGranted = state.gate.request(AccessGate.Request(id: pass.id, mode: mode))
            let semaphore = isGranted ? nil : DispatchSemaphore(value: 0)
            state.entries.append(Entry(id: pass.id, purpose: purpose, since: start, semaphore: semaphore))
            return (pass, semaphore)
        }
        guard let semaphore else { return pass }
        // Short turns, so that a cancelled task leaves the queue soon.
        while semaphore.wait(timeout: .now() + .milliseconds(5)) == .timedOut {
            let waited = ContinuousClock.now - start
            guard waited >= limit || isCancelled() else { continue }
            guard let holders = withdraw(pass) else { return pass }
            if isCancelled() { throw CancellationError() }
            throw GraphError.busy(wanted: GraphError.excerpt(purpose), waited: waited, holders: holders)
        }
        return pass
    }

    func leave(_ pass: Pass) {
        state.withLock { state in
            state.remove(pass.id)
            state.wake(state.gate.release(pass.id))
        }
    }

    /// The holders' descriptions; nil when the pass was granted meanwhile.
    private func withdraw(_ pass: Pass) -> [String]? {
        state.withLock { state in
            guard let granted = state.gate.cancel(pass.id) else { return nil }
            state.remove(pass.id)
            state.wake(granted)
            let now = ContinuousClock.now
            return state.gate.holders.compactMap { holder in
                state.entries.first { $0.id == holder.id }.map {
                    "\(GraphError.excerpt($0.purpose)) (for \(now - $0.since))"
                }
            }
        }
    }
}

extension GateKeeper.State {
    fileprivate func wake(_ granted: [UInt64]) {
        for id in granted { entries.first { $0.id == id }?.semaphore?.signal() }
    }

    fileprivate mutating func remove(_ id: UInt64) {
        if let index = entries.firstIndex(where: { $0.id == id }) { entries.remove(at: index) }
    }
}
