/// Runs a call that blocks on a thread made for it, and waits without holding one of Swift's.
///
/// Not cancellable: the call has to bound itself.
package func onThread<T: Sendable>(
    _ name: String = "trivet-blocking", _ body: @Sendable () throws -> T
) async throws -> T {
    let executor = ThreadExecutor(name: name)
    defer { executor.retire() }
    return try await ThreadActor(executor: executor).run(body)
}

private actor ThreadActor {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(executor: ThreadExecutor) {
        self.executor = executor
    }

    func run<T: Sendable>(_ body: @Sendable () throws -> T) throws -> T { try body() }
}
