import FaultInjection
import LocalEngines
import Measurement
import Scenarios
import Synchronization

/// Breaks and heals what a file says, at its moments, while a load runs.
final class FaultRunner: Sendable {
    private let faults: [FaultDefinition]
    private let scenario: String
    private let engines: LiveEngines
    private let monitor: LoadMonitor
    private let scoreboard: Scoreboard
    private let notes = Mutex<[String]>([])

    init(
        faults: [FaultDefinition], scenario: String, engines: LiveEngines, monitor: LoadMonitor, scoreboard: Scoreboard
    ) {
        self.faults = faults
        self.scenario = scenario
        self.engines = engines
        self.monitor = monitor
        self.scoreboard = scoreboard
    }

    /// Faults that could not be made or healed, in words.
    var findings: [String] { notes.withLock { $0 } }

    /// Runs a load with the faults in it. When it returns, also with an error, everything is healed.
    func during<Value: Sendable>(_ load: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await load() }
            group.addTask {
                // In a task of its own, since a cancelled one can't heal anything.
                let work = Task { await self.follow() }
                await withTaskCancellationHandler {
                    await work.value
                } onCancel: {
                    work.cancel()
                }
                return nil
            }
            var value: Value?
            let result: Result<Void, any Error>
            do {
                while value == nil, let next = try await group.next() { value = next ?? value }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            // Until all is healed.
            while (try? await group.next()) != nil {}
            try result.get()
            guard let value else { throw CancellationError() }
            return value
        }
    }

    private func follow() async {
        var timeline = FaultTimeline(faults)
        var active: [Int: ActiveFault] = [:]
        while !Task.isCancelled, monitor.phase != .finished {
            scoreboard.tick()
            for action in timeline.advance(to: scoreboard.now - scoreboard.timeline.warmUp) {
                await perform(action, &active)
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        let rest = timeline.end()
        // What is cancelled can't wait for anything: a fresh task can.
        let still = active
        await Task {
            var active = still
            for action in rest { await self.perform(action, &active) }
        }.value
        scoreboard.tick()
    }

    private func perform(_ action: FaultTimeline.Action, _ active: inout [Int: ActiveFault]) async {
        switch action {
        case .begin(let number):
            let kind = faults[number].kind
            let parts = kind.name.split(separator: ".", maxSplits: 1).map(String.init)
            let log = monitor.faults.begin("\(scenario)-\(kind.name)-\(number + 1)", kind: parts[1], store: parts[0])
            scoreboard.begin(fault: number)
            let others = active.values.map(\.kind)
            do {
                active[number] = ActiveFault(kind: kind, log: log, held: try await engines.begin(kind, with: others))
            } catch {
                notes.withLock { $0.append("the fault \(kind.name) could not be made: \(error)") }
                active[number] = ActiveFault(kind: kind, log: log, held: nil)
            }
        case .heal(let number):
            guard let fault = active.removeValue(forKey: number) else { return }
            do {
                try await engines.heal(fault.kind, fault.held, with: active.values.map(\.kind))
            } catch {
                notes.withLock { $0.append("the fault \(fault.kind.name) could not be healed: \(error)") }
            }
            monitor.faults.end(fault.log)
            scoreboard.heal(fault: number)
        }
    }
}

/// A fault that has begun.
private struct ActiveFault: Sendable {
    var kind: FaultKind
    /// Its number in the run's log of faults.
    var log: Int
    /// What has to be let go to heal it.
    var held: HeldFault?
}
