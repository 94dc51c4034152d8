/// What is known of Redis, by the lane, which changes it, and by snapshots' readers beside it.
struct CacheState {
    var queue: CacheQueue
    var confirmations = CacheConfirmations()
    /// Reads of snapshots that wait for changes of Redis to be confirmed.
    private var waits: [CheckedContinuation<Void, Never>] = []
    private var isStopped = false

    init(applied: UInt64) {
        queue = CacheQueue(applied: applied)
    }

    /// Keeps a read until something is confirmed.
    ///
    /// - Returns: false if it need not wait for that.
    mutating func wait(for key: CacheKey, at number: UInt64, _ continuation: CheckedContinuation<Void, Never>) -> Bool {
        guard !isStopped, queue.mayBeNewer(key, than: number) == .underWay else { return false }
        waits.append(continuation)
        return true
    }

    /// Those that wait, who are to look again.
    mutating func takeWaits() -> [CheckedContinuation<Void, Never>] {
        defer { waits = [] }
        return waits
    }

    var hasWaits: Bool { !waits.isEmpty }

    /// From now on nothing is confirmed any more.
    mutating func stop() {
        isStopped = true
    }
}
