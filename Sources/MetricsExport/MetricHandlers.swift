import CoreMetrics
import Measurement
import Synchronization

/// What a series of a metric shows when it is asked.
protocol MetricSeries: AnyObject, Sendable {
    /// Lines of the text format.
    ///
    /// - Parameter labels: as they stand between the braces; empty for none.
    func lines(_ name: String, labels: String) -> [String]
}

extension MetricSeries {
    func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)"
    }

    func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

final class ExportedCounter: CounterHandler, MetricSeries {
    private let events = EventCounter()

    func increment(by amount: Int64) { events.add(Int(amount)) }
    /// Prometheus takes a counter that became less for one that began anew.
    func reset() { events.add(-events.count) }
    func lines(_ name: String, labels: String) -> [String] { [line(name, labels, "\(events.count)")] }
}

/// A number that is added to and set: a floating point counter, a meter, or the last value of a recorder.
final class ExportedValue: FloatingPointCounterHandler, MeterHandler, RecorderHandler, MetricSeries {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func set(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func record(_ value: Int64) { set(Double(value)) }
    func reset() { set(0.0) }
    func decrement(by amount: Double) { increment(by: -amount) }

    func increment(by amount: Double) {
        var known = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: known) + amount).bitPattern
            let (exchanged, original) = bits.compareExchange(expected: known, desired: sum, ordering: .relaxed)
            if exchanged { return }
            known = original
        }
    }

    func lines(_ name: String, labels: String) -> [String] { [line(name, labels, text(value))] }
}

/// How many values a recorder was given, and their sum.
final class ExportedSummary: RecorderHandler, MetricSeries {
    private let state = Mutex((count: 0, sum: 0.0))

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += value
        }
    }

    func lines(_ name: String, labels: String) -> [String] {
        let (count, sum) = state.withLock { $0 }
        return [line("\(name)_sum", labels, text(sum)), line("\(name)_count", labels, "\(count)")]
    }
}

/// Durations between bounds, in seconds.
final class ExportedTimer: TimerHandler, MetricSeries {
    private let histogram: BoundedHistogram
    /// As they stand in the text.
    private let bounds: [String]

    init(bounds: [Duration]) {
        histogram = BoundedHistogram(bounds: bounds)
        self.bounds = bounds.map { "\($0 / .seconds(1))" }
    }

    func recordNanoseconds(_ duration: Int64) { histogram.record(nanoseconds: duration) }

    func lines(_ name: String, labels: String) -> [String] {
        let reading = histogram.reading
        let prefix = labels.isEmpty ? "" : labels + ","
        return zip(bounds, reading.atMost).map { line("\(name)_bucket", prefix + "le=\"\($0)\"", "\($1)") } + [
            line("\(name)_bucket", prefix + "le=\"+Inf\"", "\(reading.count)"),
            line("\(name)_sum", labels, text(reading.total / .seconds(1))),
            line("\(name)_count", labels, "\(reading.count)"),
        ]
    }
}
