import Synchronization

/// What a connection tells about itself on any thread. Written on the event loop only.
final class ConnectionMonitor: Sendable {
    let isOpen = Atomic<Bool>(true)
    let pending = Atomic<Int>(0)
    let abandoned = Atomic<Int>(0)
    let isClean = Atomic<Bool>(true)
    let isSubscribed = Atomic<Bool>(false)
    private let reason = Mutex<RedisError?>(nil)

    var closeReason: RedisError? {
        get { self.reason.withLock { $0 } }
        set { self.reason.withLock { $0 = newValue } }
    }
}
