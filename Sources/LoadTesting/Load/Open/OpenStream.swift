import Measurement
import Scenarios

/// Operations of one kind that are due at a rate.
struct OpenStream: Sendable {
    /// What it is called in results and failures.
    var name: String
    /// Operations a second.
    var rate: Double
    /// A rate that changes over time instead; nil for the same rate throughout.
    var curve: LevelCurve?
    var spacing: Arrivals.Spacing = .poisson
    /// How long after it was due an operation may begin, before it is dropped.
    var patience: Duration = .seconds(1)
    /// Does one operation; its random numbers are its own, whatever else runs.
    ///
    /// Returns the check that its latency is a sample of, if any.
    var perform: @Sendable (OpenSchedule.Operation, inout SplitMix64) async throws -> Target?
    /// Is told what became of each operation, whether or not it is counted; the timing is nil for one that was dropped.
    var observe: (@Sendable (OpenSchedule.Operation, OpenSchedule.Timing?, _ succeeded: Bool) -> Void)?
}

/// What was measured of a stream in the steady state.
struct OpenRecord: Sendable {
    let name: String
    let rate: Double
    let spacing: Arrivals.Spacing
    var counts = OpenSchedule.Counts()
    /// From when an operation was due, of those that succeeded.
    private(set) var latency = LatencyRecorder()
    /// From its beginning, of those that succeeded.
    private(set) var service = LatencyRecorder()
    /// How late the load generator was, of all.
    private(set) var lag = LatencyRecorder()
    /// Latencies by what they are samples of.
    private(set) var samples: [Target: LatencyRecorder] = [:]

    init(_ stream: OpenStream) {
        name = stream.name
        rate = stream.rate
        spacing = stream.spacing
    }

    mutating func add(_ timing: OpenSchedule.Timing, succeeded: Bool, of target: Target?) {
        lag.record(timing.lag)
        guard succeeded else { return }
        latency.record(timing.latency)
        service.record(timing.service)
        if let target { samples[target, default: LatencyRecorder()].record(timing.latency) }
    }

    /// For the document.
    var result: RunResult.StreamResult {
        RunResult.StreamResult(
            name: name, rate: rate, spacing: spacing.rawValue, due: counts.due, succeeded: counts.succeeded,
            failed: counts.failed, dropped: counts.dropped, latency: .init(latency), service: .init(service),
            generatorLag: .init(lag))
    }
}
