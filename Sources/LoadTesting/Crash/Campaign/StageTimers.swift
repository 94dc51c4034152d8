import LocalEngines
import Synchronization

/// What is to happen to a process while its lines are read.
final class StageTimers: Sendable {
    private struct State {
        var pauses: [Task<Void, any Error>] = []
        var deeds: [Task<Void, any Error>] = []
        var isHung = false
    }

    private let process: ReportingProcess
    private let state = Mutex(State())

    init(process: ReportingProcess) {
        self.process = process
    }

    /// Whether the process was killed since it took too long.
    var isHung: Bool { state.withLock { $0.isHung } }

    func kill(after delay: Duration, isHung: Bool = false) {
        let pause = Task {
            try await Task.sleep(for: delay)
            guard process.send(.kill) else { return }
            state.withLock { $0.isHung = isHung }
        }
        state.withLock { $0.pauses.append(pause) }
    }

    /// Does something that is brought to its end even if the process has ended before.
    func add(after delay: Duration, _ body: @escaping @Sendable () async throws -> Void) {
        let pause = Task { try await Task.sleep(for: delay) }
        let deed = Task {
            _ = await pause.result
            try await body()
        }
        state.withLock { state in
            state.pauses.append(pause)
            state.deeds.append(deed)
        }
    }

    /// The process has ended: nothing is waited for any more, and what has to be done is done.
    func end() async throws {
        let (pauses, deeds) = state.withLock { ($0.pauses, $0.deeds) }
        for pause in pauses { pause.cancel() }
        for pause in pauses { _ = await pause.result }
        for deed in deeds { try await deed.value }
    }
}
