public import CoreMetrics
import Synchronization

/// A back end of swift-metrics that shows everything as Prometheus' text (M6).
///
/// ```swift
/// let registry = PrometheusRegistry()
/// MetricsSystem.bootstrap(registry)
/// // In whatever serves HTTP, under /metrics:
/// response.headers["content-type"] = PrometheusRegistry.contentType
/// response.body = registry.text()
/// ```
///
/// The module `Dashboard` has such a server. Names become Prometheus' as ``PrometheusName`` says. Timers are histograms in seconds. What is recorded is counted without waiting
/// for anybody; the registry's lock is only taken when a metric is made, and for a moment when the text is.
public final class PrometheusRegistry: MetricsFactory {
    /// The content type of ``text()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Bounds from 10 µs to 10 s: what waiting for a connection, an operation, or a transaction takes.
    public static let usualBounds: [Duration] = [
        .microseconds(10), .microseconds(50), .microseconds(100), .microseconds(500), .milliseconds(1),
        .milliseconds(5), .milliseconds(10), .milliseconds(50), .milliseconds(100), .milliseconds(500), .seconds(1),
        .seconds(5), .seconds(10),
    ]

    private struct Family {
        let kind: PrometheusName.Kind
        let help: String?
        /// By their labels as they stand in the text.
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var preparations: [@Sendable () -> Void] = []
        var conflicts: Set<String> = []
    }

    private let bounds: [Duration]
    private let help: [String: String]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - bounds: of timers' buckets, ascending.
    ///   - help: what metrics mean, by the names that they have in swift-metrics.
    public init(bounds: [Duration] = PrometheusRegistry.usualBounds, help: [String: String] = [:]) {
        self.bounds = bounds
        self.help = help
    }

    /// Calls something each time before the text is made: to set what is only worth looking at when somebody does.
    public func beforeText(_ preparation: @escaping @Sendable () -> Void) {
        state.withLock { $0.preparations.append(preparation) }
    }

    /// Everything that there is now, in version 0.0.4 of the text format.
    public func text() -> String {
        for preparation in state.withLock({ $0.preparations }) { preparation() }
        let (families, conflicts) = state.withLock { ($0.families, $0.conflicts) }
        var lines: [String] = conflicts.sorted().map { "# not shown: \($0)" }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = family.help {
                lines.append("# HELP \(name) \(PrometheusName.escaped(help).replacing("\\\"", with: "\""))")
            }
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                lines += series.lines(name, labels: labels)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: swift-metrics

    /// What only grows: the name gets `_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { ExportedCounter() }
    }

    /// What only grows, in parts of one.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, .counter, dimensions) { ExportedValue() }
    }

    /// A value at a moment: a gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { ExportedValue() }
    }

    /// Values: a summary of their count and sum, or, not aggregated, the last one.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return series(label, .summary, dimensions) { ExportedSummary() } }
        return series(label, .gauge, dimensions) { ExportedValue() }
    }

    /// Durations: a histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, .histogram, dimensions, isDuration: true) { ExportedTimer(bounds: bounds) }
    }

    /// Takes it out of the text.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Takes it out of the text.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    /// Takes it out of the text.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Takes it out of the text.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Takes it out of the text.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// The series of these dimensions, made when there is none. One that has the name of another kind counts, and is not shown: the text may not
    /// have it, and an application must not end for it.
    private func series<Series: MetricSeries>(
        _ label: String, _ kind: PrometheusName.Kind, _ dimensions: [(String, String)], isDuration: Bool = false,
        make: () -> Series
    ) -> Series {
        let name = PrometheusName.metric(label, kind, isDuration: isDuration)
        let labels = dimensions.map { "\(PrometheusName.label($0))=\"\(PrometheusName.escaped($1))\"" }
            .joined(separator: ",")
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind, help: help[label])
            if let known = family.series[labels] as? Series, family.kind == kind { return known }
            let series = make()
            guard family.kind == kind, family.series[labels] == nil else {
                state.conflicts.insert("\(name) as a \(kind.rawValue), since it is a \(family.kind.rawValue)")
                return series
            }
            family.series[labels] = series
            state.families[name] = family
            return series
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
                state.families[name]?.series.removeValue(forKey: labels)
                if family.series.count == 1 { state.families.removeValue(forKey: name) }
            }
        }
    }
}
