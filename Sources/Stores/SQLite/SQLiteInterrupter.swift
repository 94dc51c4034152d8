import GRDB
import Synchronization

/// Stops what a session executes, from another task.
///
/// SQLite forgets an interrupt that meets no running statement, so it is repeated until the call is over. And an interrupt hits whatever runs at
/// that moment, so it is sent under the lock under which calls begin and end: never to the next user's statement, nor to COMMIT and ROLLBACK.
final class SQLiteInterrupter: Sendable {
    enum Cause {
        /// The caller's task was cancelled.
        case cancelled
        /// The pool's shutdown reached its deadline.
        case revoked
    }

    private struct State {
        var call: UInt64 = 0
        var isInCall = false
        /// Why the call in progress is to end.
        var cause: Cause?
        var isRevoked = false
        /// Whether another process's lock is not waited for.
        var isImpatient = false
        /// Set while statements run that may be interrupted.
        var target: DatabaseQueue?
    }

    private let state = Mutex(State())

    /// A number for the caller's use of the session, to be cancelled by.
    func beginCall() -> UInt64 {
        state.withLock { state in
            state.call += 1
            state.isInCall = true
            state.cause = state.isRevoked ? .revoked : nil
            return state.call
        }
    }

    func endCall() {
        state.withLock { state in
            state.isInCall = false
            state.cause = nil
            state.target = nil
        }
    }

    /// From here on, until `forbid` or the end of the call, the statements of `queue` are interrupted when the call is to end.
    func permit(_ queue: DatabaseQueue) {
        state.withLock { $0.target = queue }
    }

    func forbid() {
        state.withLock { $0.target = nil }
    }

    /// Runs `body`, during which nobody waits for another process's lock.
    func withoutWaiting<Value>(_ body: () throws -> Value) rethrows -> Value {
        state.withLock { $0.isImpatient = true }
        defer { state.withLock { $0.isImpatient = false } }
        return try body()
    }

    /// Whether it makes sense to wait for another process's lock.
    var mayWait: Bool { state.withLock { $0.cause == nil && !$0.isImpatient } }

    /// Why the call in progress is to end; nil if it isn't.
    var cause: Cause? { state.withLock { $0.cause } }

    /// Ends a call, because its task was cancelled.
    func cancel(_ call: UInt64) {
        end(call, .cancelled)
    }

    /// Ends the call in progress.
    func cancelCurrentCall() {
        end(state.withLock { $0.call }, .cancelled)
    }

    /// Ends the call in progress and all later ones.
    func revoke() {
        let call = state.withLock { state in
            state.isRevoked = true
            return state.call
        }
        end(call, .revoked)
    }

    private func end(_ call: UInt64, _ cause: Cause) {
        guard interruptOnce(call, cause) else { return }
        Task.detached {
            while self.interruptOnce(call, cause) { try? await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// False when the call is over.
    private func interruptOnce(_ call: UInt64, _ cause: Cause) -> Bool {
        state.withLock { state in
            guard state.isInCall, state.call == call else { return false }
            if state.cause == nil { state.cause = cause }
            state.target?.interrupt()
            return true
        }
    }
}
