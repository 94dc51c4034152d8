import Measurement

/// Durations that are counted, finely for a whole run or coarsely for a window.
package protocol DurationCounts: Sendable {
    init()
    mutating func record(_ duration: Duration)
    mutating func add(_ other: Self)
    func percentile(_ percent: Double) -> Duration
}

extension LatencyRecorder: DurationCounts {}
extension CompactHistogram: DurationCounts {}

/// What one target needs to know of many operations. A plain value of a fixed size.
package struct Figures<Durations: DurationCounts>: Sendable {
    package private(set) var succeeded = 0
    package private(set) var failed = 0
    package private(set) var dropped = 0
    /// Of what the target's metric is about.
    package private(set) var durations: Durations?
    private(set) var durationCount = 0

    package init() {}

    /// Operations that ended, or were dropped.
    package var ended: Int { succeeded + failed + dropped }

    mutating func add(_ event: OperationEvent, for metric: TargetExpression.Metric) {
        switch event.outcome {
        case .succeeded: succeeded += 1
        case .failed: failed += 1
        case .dropped: dropped += 1
        case .seen: break
        }
        guard let duration = event.duration(of: metric) else { return }
        if durations == nil { durations = Durations() }
        durations?.record(duration)
        durationCount += 1
    }

    mutating func add(_ other: Figures) {
        succeeded += other.succeeded
        failed += other.failed
        dropped += other.dropped
        durationCount += other.durationCount
        guard let more = other.durations else { return }
        if durations == nil { durations = Durations() }
        durations?.add(more)
    }

    /// The metric's value; nil where nothing tells.
    package func value(of metric: TargetExpression.Metric, over time: Duration) -> Double? {
        switch metric {
        case .latency(let percent), .service(let percent), .lag(let percent), .cacheLag(let percent):
            durations.map { $0.percentile(percent) / .milliseconds(1) }
        case .rate: time > .zero ? Double(succeeded) / (time / .seconds(1)) : nil
        case .success: ended > 0 ? Double(succeeded) / Double(ended) * 100 : nil
        case .failures: Double(failed)
        case .dropped: Double(dropped)
        case .recovery: nil
        }
    }

    /// How many stand behind the value.
    package func samples(of metric: TargetExpression.Metric) -> Int {
        switch metric {
        case .latency, .service, .lag, .cacheLag: durationCount
        default: ended
        }
    }
}

extension OperationEvent {
    /// The duration that a metric is about; nil where there is none.
    func duration(of metric: TargetExpression.Metric) -> Duration? {
        switch (metric, outcome) {
        case (.latency, .succeeded(let latency, _)): latency
        case (.service, .succeeded(_, let service)): service
        case (.lag, _): lag
        case (.cacheLag, .seen(let time)): time
        default: nil
        }
    }
}
