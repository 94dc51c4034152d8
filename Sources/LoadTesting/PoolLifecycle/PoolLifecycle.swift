import LocalEngines
import Measurement
import Stores

/// S10: what happens to connections from their creation to their end, in the pool of each store: creation, reuse,
/// exhaustion, leak, expiry, clean-up.
struct PoolLifecycle: ProgrammedScenario {
    static let id = "pool-lifecycle"
    static let summary = "creation, reuse, exhaustion, leak, expiry and clean-up in the pool of each store"

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        let monitor = stage.monitor
        monitor.enter(.steady)
        defer { monitor.enter(.finished) }
        let end = ContinuousClock.now + stage.plan.steady
        let observer = ConnectTimes()
        repeat {
            for kind in StoreKind.allCases where !monitor.isStopping {
                try await TemporaryDirectory.withDirectory { folder in
                    let subject = try await PoolSubject.open(kind, stage.engines, in: folder, observer)
                    await LifecycleSteps(subject: subject, step: StepCounter(monitor: monitor)).run()
                }
            }
        } while ContinuousClock.now < end && !monitor.isStopping
        var outcome = stage.outcome(Self.id)
        outcome.latencies[.graphConnect] = observer.recorder(of: .graph)
        return outcome
    }
}
