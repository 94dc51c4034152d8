/// For whoever is on the session's thread and uses its `core()` directly.
extension GraphSession {
    /// Runs `body`, whose statements ``interruptCall()`` stops.
    package nonisolated func interruptibly<Value>(_ body: () throws -> Value) rethrows -> Value {
        _ = interrupter.beginCall()
        defer { interrupter.endCall() }
        return try body()
    }

    /// Stops what runs within ``interruptibly(_:)``, from any thread.
    package nonisolated func interruptCall() {
        interrupter.cancelCurrentCall()
    }
}
