import Foundation
import Synchronization

/// Calls something when a moment comes, from a thread of its own.
///
/// For moments that change often: a task that sleeps costs several threads a wake-up each time, and when it is cancelled
/// its timer stays with the system until it would have come.
package final class Alarm: Sendable {
    private struct State {
        var moment: ContinuousClock.Instant?
        var hasThread = false
        var isStopped = false
    }

    private let monitor = Monitor(State())
    private let name: String
    private let ring: @Sendable () -> Void

    /// - Parameter ring: called on the alarm's thread, and must not block.
    package init(name: String, _ ring: @escaping @Sendable () -> Void) {
        self.name = name
        self.ring = ring
    }

    /// Rings once at a moment, instead of one that was set before and has not come.
    package func set(_ moment: ContinuousClock.Instant) {
        let needsThread = monitor.withLock { state in
            state.moment = moment
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if needsThread { startThread() } else { monitor.signal() }
    }

    /// Never rings again, and lets the thread end.
    package func stop() {
        monitor.withLock { $0.isStopped = true }
        monitor.signal()
    }

    private func startThread() {
        let thread = Thread { self.work() }
        thread.start()
    }

    private func work() {
        Thread.current.name = name
        while true {
            let isDone = monitor.waitUntil { state -> Monitor<State>.Answer<Bool> in
                if state.isStopped { return .done(true) }
                guard let moment = state.moment else { return .wait(nil) }
                let left = moment - .now
                guard left <= .zero else { return .wait(left) }
                state.moment = nil
                return .done(false)
            }
            if isDone { return }
            ring()
        }
    }
}
