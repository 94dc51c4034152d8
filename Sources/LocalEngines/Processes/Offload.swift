import Dispatch

/// Runs blocking work on a thread of its own, never on Swift's cooperative pool, which has only one thread a core.
///
/// Not cancellable: the work has to bound itself.
func offload<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        // A queue of its own always gets a thread at once; the global queue makes blocked work wait for each other.
        DispatchQueue(label: "trivet.local-engines.offload").async {
            continuation.resume(with: Result(catching: work))
        }
    }
}
