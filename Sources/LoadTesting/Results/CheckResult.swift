import Measurement

/// What became of a target in one run.
package struct CheckResult: Sendable, Codable, Hashable {
    /// What a check says. With too few samples it says nothing either way.
    package enum Verdict: String, Sendable, Codable {
        case pass, fail, inconclusive
    }

    /// The distribution behind a latency's value, in its unit.
    package struct Percentiles: Sendable, Codable, Hashable {
        package var p50, p95, p99, p999, max: Double

        enum CodingKeys: String, CodingKey {
            case p50, p95, p99, max
            case p999 = "p99.9"
        }
    }

    package var id: String
    package var value: Double
    package var unit: String
    package var op: Target.Comparison
    package var target: Double
    package var samples: Int
    /// Samples that missed the target by themselves.
    package var beyond: Int
    package var pass: Bool
    package var verdict: Verdict
    package var percentiles: Percentiles

    /// The least samples for a judgement of a 99th percentile: with 299, the chance that all of them lie below it is
    /// 0.99^299 < 5 %.
    package static let leastSamples = 299

    /// The judgement of a latency by its 99th percentile.
    init(_ target: Target, _ recorder: LatencyRecorder) {
        func milliseconds(_ duration: Duration) -> Double { duration.milliseconds }
        percentiles = Percentiles(
            p50: milliseconds(recorder.percentile(50)), p95: milliseconds(recorder.percentile(95)),
            p99: milliseconds(recorder.percentile(99)), p999: milliseconds(recorder.percentile(99.9)),
            max: milliseconds(recorder.longest))
        id = target.id
        value = percentiles.p99
        unit = target.unit
        op = target.comparison
        self.target = target.limit
        samples = recorder.count
        beyond = recorder.count(above: .milliseconds(target.limit))
        verdict =
            samples < Self.leastSamples ? .inconclusive : target.comparison.holds(value, target.limit) ? .pass : .fail
        pass = verdict == .pass
    }
}

extension Duration {
    /// In milliseconds, to a tenth of a microsecond: what a document needs.
    package var milliseconds: Double { ((self / .milliseconds(1)) * 10_000).rounded() / 10_000 }
}
