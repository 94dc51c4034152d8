import Dispatch
import Synchronization

/// The gate of one database: ``AccessGate`` with threads that wait. Called only on threads that may block.
final class GateKeeper: Sendable {
    private struct State {
        var gate = AccessGate()
        var nextID: UInt64 = 0
        /// Raised when the request is granted; only of those that had to wait.
        var semaphores: [UInt64: DispatchSemaphore] = [:]

        mutating func wake(_ granted: [UInt64]) {
            for id in granted { semaphores.removeValue(forKey: id)?.signal() }
        }
    }

    private let state = Mutex(State())

    /// A granted place, to be given back with `leave`.
    struct Pass: Sendable {
        fileprivate let id: UInt64
        fileprivate let mode: AccessGate.Mode
    }

    /// How often somebody has been here who did not only read, and has left.
    var writes: UInt64 { writeCount.load(ordering: .acquiring) }
    private let writeCount = Atomic<UInt64>(0)

    /// Waits for a place, at most for `limit`.
    /// - Parameters:
    ///   - purpose: what the place is for; other waiters read it in their error.
    ///   - isCancelled: asked now and then while waiting.
    /// - Throws: ``GraphError/busy(wanted:waited:holders:)`` or `CancellationError`.
    func enter(
        _ mode: AccessGate.Mode, purpose: String, limit: Duration, isCancelled: () -> Bool
    ) throws -> Pass {
        let start = DispatchTime.now()
        let (pass, semaphore) = state.withLock { state -> (Pass, DispatchSemaphore?) in
            state.nextID += 1
            let pass = Pass(id: state.nextID, mode: mode)
            let request = AccessGate.Request(id: pass.id, mode: mode, purpose: purpose, since: start)
            guard !state.gate.request(request) else { return (pass, nil) }
            let semaphore = DispatchSemaphore(value: 0)
            state.semaphores[pass.id] = semaphore
            return (pass, semaphore)
        }
        guard let semaphore else { return pass }
        // Short turns, so that a cancelled task leaves the queue soon.
        while semaphore.wait(timeout: .now() + .milliseconds(5)) == .timedOut {
            guard start.elapsed >= limit || isCancelled() else { continue }
            guard let holders = withdraw(pass) else { return pass }
            if isCancelled() { throw CancellationError() }
            throw GraphError.busy(wanted: GraphError.excerpt(purpose), waited: start.elapsed, holders: holders)
        }
        return pass
    }

    func leave(_ pass: Pass) {
        // Before whoever comes next, who may then know of the write.
        if pass.mode != .read { writeCount.wrappingAdd(1, ordering: .releasing) }
        state.withLock { state in state.wake(state.gate.release(pass.id)) }
    }

    /// The holders' descriptions; nil when the pass was granted meanwhile.
    private func withdraw(_ pass: Pass) -> [String]? {
        state.withLock { state in
            guard let granted = state.gate.cancel(pass.id) else { return nil }
            state.semaphores[pass.id] = nil
            state.wake(granted)
            return state.gate.holders.map { "\(GraphError.excerpt($0.purpose)) (for \($0.since.elapsed))" }
        }
    }
}

extension DispatchTime {
    fileprivate var elapsed: Duration { .nanoseconds(DispatchTime.now().uptimeNanoseconds - uptimeNanoseconds) }
}
