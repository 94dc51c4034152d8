import CGraphEngine
import Synchronization

/// Stops what a connection is executing, from another task.
///
/// An interrupt that the engine gets before execution begins is lost (H11), so it is repeated until the call is over; and one that
/// it gets after the connection is gone crashes (H8), so the connection is known here only while it executes.
final class Interrupter: Sendable {
    private struct State {
        var call: UInt64 = 0
        var isInCall = false
        /// Whether the call in progress is to end.
        var isCancelled = false
        /// Whether all further calls are to end, too.
        var isRevoked = false
        /// Set while the engine executes a statement that may be interrupted.
        var executing: graph_connection?
    }

    private let engine: GraphEngine
    private let state = Mutex(State())

    init(engine: GraphEngine) {
        self.engine = engine
    }

    /// A number for the caller's use of the connection, to be cancelled by.
    func beginCall() -> UInt64 {
        state.withLock { state in
            state.call += 1
            state.isInCall = true
            state.isCancelled = state.isRevoked
            return state.call
        }
    }

    func endCall() {
        state.withLock { state in
            state.isInCall = false
            state.isCancelled = state.isRevoked
        }
    }

    /// Whether the call in progress was cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// From now on the engine may be interrupted.
    /// - Throws: `CancellationError`, when the call was cancelled before.
    func beginExecution(_ connection: graph_connection) throws {
        try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.executing = connection
        }
    }

    func endExecution() {
        state.withLock { $0.executing = nil }
    }

    /// Cancels the call in progress.
    func cancelCurrentCall() {
        cancel(state.withLock { $0.call })
    }

    /// Cancels a call: what it executes now stops, and what it would execute later doesn't begin.
    func cancel(_ call: UInt64) {
        interrupt(call)
    }

    /// The same for the call in progress and all later ones.
    func revoke() {
        let call = state.withLock { state in
            state.isRevoked = true
            return state.call
        }
        interrupt(call)
    }

    private func interrupt(_ call: UInt64) {
        guard interruptOnce(call) else { return }
        Task.detached {
            while self.interruptOnce(call) { try? await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// False when the call is over.
    private func interruptOnce(_ call: UInt64) -> Bool {
        state.withLock { state in
            guard state.isInCall, state.call == call else { return false }
            state.isCancelled = true
            if var connection = state.executing { engine.functions.connection_interrupt(&connection) }
            return true
        }
    }
}
