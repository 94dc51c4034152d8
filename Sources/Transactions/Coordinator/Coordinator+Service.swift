public import ServiceLifecycle

extension Coordinator: Service {
    /// Waits until a graceful shutdown begins or the task is cancelled, then ends the coordinator as ``close(within:)`` does. Transactions work
    /// without it.
    ///
    /// In a service group it stands after the manager of its pools and before what uses it: services end in the reverse order.
    public func run() async throws {
        try? await gracefulShutdown()
        // Not on this task, which may be cancelled: those that run are waited for all the same.
        await Task { await close() }.value
    }
}
