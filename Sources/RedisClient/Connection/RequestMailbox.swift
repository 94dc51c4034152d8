import NIOCore
import Synchronization

/// Requests on their way from any thread to the event loop, in order. Many that arrive together wake the loop once.
final class RequestMailbox: Sendable {
    enum Letter: Sendable {
        case request(Request<ReplyWaiter>)
        case cancellation(id: UInt64)
        case endOfExclusiveUse(lease: UInt64)
    }

    private struct State {
        var letters: [Letter] = []
        var isScheduled = false
    }

    private let state = Mutex(State())

    /// True when the caller has to schedule ``take()``.
    func put(_ letter: Letter) -> Bool {
        self.state.withLock { state in
            state.letters.append(letter)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
    }

    func take() -> [Letter] {
        self.state.withLock { state in
            state.isScheduled = false
            return exchange(&state.letters, with: [])
        }
    }
}

private func exchange<Value>(_ place: inout Value, with value: consuming Value) -> Value {
    let old = place
    place = value
    return old
}
