import Synchronization

/// What a connection tells about itself on any thread. Written on the event loop only.
final class ConnectionMonitor: Sendable {
    let isOpen = Atomic<Bool>(true)
    let pending = Atomic<Int>(0)
    let abandoned = Atomic<Int>(0)
    let isClean = Atomic<Bool>(true)
    /// Whether RESET undoes everything that was changed.
    let isResettable = Atomic<Bool>(true)
    /// Whether a request has timed out since the last byte was received.
    let isSilent = Atomic<Bool>(false)
    let isSubscribed = Atomic<Bool>(false)
    private let reason = Mutex<RedisError?>(nil)

    var closeReason: RedisError? {
        get { self.reason.withLock { $0 } }
        set { self.reason.withLock { $0 = newValue } }
    }
}
