import Testing
import Threads

@testable import Transactions

@Suite("The coordinator's thread", .timeLimit(.minutes(1)))
struct LaneTests {
    private struct NotToday: Error {}

    @Test("T1: a coordinator that can't be opened leaves no thread behind")
    func failedOpening() async throws {
        weak var lane: ThreadExecutor?
        do {
            try await Coordinator.withLane { executor in
                lane = executor
                await Task(executorPreference: executor) {}.value
                throw NotToday()
            }
        } catch is NotToday {}
        // Its thread holds it until it ends.
        while lane != nil { try await Task.sleep(for: .milliseconds(5)) }
    }
}
