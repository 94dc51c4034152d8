import Measurement
import Testing

@testable import LoadTesting

@Suite("What users of a load record")
struct LoadRecorderTests {
    private struct Broken: Error {}

    @Test("M2: only the steady state counts; a failure has no latency, and cancellation is none")
    func phases() async throws {
        let monitor = LoadMonitor()
        let recorder = LoadRecorder(monitor: monitor, targets: [.crossCoordination, .redisOperation])
        monitor.enter(.warmUp)
        try await recorder.measure(.crossCoordination) {}
        #expect(recorder.latencies.isEmpty && recorder.transactions == Attempts())
        monitor.enter(.steady)
        try await recorder.measure(.crossCoordination) {}
        do { try await recorder.measure(.crossCoordination) { throw Broken() } } catch is Broken {}
        do { try await recorder.measure(.crossCoordination) { throw CancellationError() } } catch is CancellationError {
        }
        #expect(recorder.transactions == Attempts(asked: 2, succeeded: 1))
        #expect(recorder.latencies.mapValues(\.count) == [.crossCoordination: 1])
        #expect(!recorder.hasSamples(1), "there is none of redis.operation")
        try await recorder.measure(.redisOperation) {}
        #expect(recorder.hasSamples(1) && !recorder.hasSamples(2))
    }

    @Test("M2: what all users record at the same time is counted")
    func users() async throws {
        let monitor = LoadMonitor()
        monitor.enter(.steady)
        let recorder = LoadRecorder(monitor: monitor, targets: [.redisOperation])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { for _ in 0..<500 { try await recorder.measure(.redisOperation) {} } }
            }
            try await group.waitForAll()
        }
        #expect(recorder.latencies[.redisOperation]?.count == 10_000)
    }

    @Test("Counts begin anew with each scenario")
    func scenarios() {
        let monitor = LoadMonitor()
        monitor.begin("first", plan: LoadPlan())
        for _ in 0..<3 { monitor.countOperation() }
        monitor.countFailure("x")
        #expect(monitor.operations == 4 && monitor.failures == 1)
        monitor.begin("second", plan: LoadPlan())
        monitor.countOperation()
        #expect(monitor.operations == 1 && monitor.failures == 0 && monitor.failureKinds.isEmpty)
    }
}
