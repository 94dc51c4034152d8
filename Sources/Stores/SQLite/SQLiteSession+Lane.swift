import GRDB

/// For whoever is on the session's thread and uses its `core()` directly.
extension SQLiteSession {
    /// Runs `body`, which fails at once where it would wait for another process's lock.
    package nonisolated func withoutWaiting<Value>(_ body: () throws -> Value) rethrows -> Value {
        try interrupter.withoutWaiting(body)
    }

    /// Runs `body`, whose statements ``interruptCall()`` stops.
    package nonisolated func interruptibly<Value>(
        _ queue: DatabaseQueue, _ body: () throws -> Value
    ) rethrows -> Value {
        _ = interrupter.beginCall()
        interrupter.permit(queue)
        defer { interrupter.endCall() }
        return try body()
    }

    /// Stops what runs within ``interruptibly(_:_:)``, from any thread.
    package nonisolated func interruptCall() {
        interrupter.cancelCurrentCall()
    }
}
