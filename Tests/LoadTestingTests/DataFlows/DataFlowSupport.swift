import Testing
import TrivetTesting

@testable import LoadTesting

/// A flow of data on engines of its own, in a very short form.
func withStage(
    steady: Duration = .milliseconds(2_600), monitor: LoadMonitor = LoadMonitor(),
    _ body: (Stage) async throws -> Void
) async throws {
    try await LiveEngines.withEngines(folder: nil) { engines in
        let data = SeedData(scale: 0.1)
        let last = try await data.prepare(engines, seed: 1) { _ in }
        var plan = LoadPlan()
        plan.users = 64
        plan.warmUp = .milliseconds(100)
        plan.steady = steady
        try await body(
            Stage(engines: engines, data: data, ids: JourneyIDs(after: last), plan: plan, monitor: monitor))
    }
}
