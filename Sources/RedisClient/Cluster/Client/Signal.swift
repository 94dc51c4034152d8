import NIOCore
import NIOPosix
import Synchronization

/// Lets tasks wait until something has changed, until a time, or until they are cancelled, whichever is first.
///
/// Nothing is missed: a task reads ``generation``, looks at what it is about, and waits for a change *after* that generation.
package final class Signal: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Void, Never>
        var timer: Scheduled<Void>?
    }

    private struct State {
        var generation: UInt64 = 0
        var nextID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// Grows with each ``fire()``.
    package var generation: UInt64 { self.state.withLock { $0.generation } }

    /// Wakes all that wait.
    package func fire() {
        let waiters = self.state.withLock { state in
            state.generation += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { Self.resume(waiter) }
    }

    /// - Parameter until: nil for no limit.
    package func wait(after seen: UInt64, until limit: ContinuousClock.Instant?) async {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = self.state.withLock { state in
                    guard state.generation == seen else { return false }
                    state.waiters[id] = Waiter(continuation: continuation)
                    return true
                }
                guard isWaiting else { return continuation.resume() }
                if let limit { self.setTimer(id, limit) }
                // A cancellation before the line above found nobody to wake.
                if Task.isCancelled { self.wake(id) }
            }
        } onCancel: {
            self.wake(id)
        }
    }

    private func setTimer(_ id: UInt64, _ limit: ContinuousClock.Instant) {
        let delay = TimeAmount(max(.zero, limit - .now))
        let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: delay) { self.wake(id) }
        let isWaiting = self.state.withLock { state in
            state.waiters[id]?.timer = timer
            return state.waiters[id] != nil
        }
        if !isWaiting { timer.cancel() }
    }

    private func wake(_ id: UInt64) {
        if let waiter = self.state.withLock({ $0.waiters.removeValue(forKey: id) }) { Self.resume(waiter) }
    }

    /// Outside of the lock: what is resumed may come back here at once.
    private static func resume(_ waiter: Waiter) {
        waiter.timer?.cancel()
        waiter.continuation.resume()
    }
}
