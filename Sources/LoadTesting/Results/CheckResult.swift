import Measurement

/// What became of a target in one run.
package struct CheckResult: Sendable, Codable, Hashable {
    /// What a check says. With too few samples it says nothing either way.
    package enum Verdict: String, Sendable, Codable {
        case pass, fail, inconclusive
    }

    /// Why a check says nothing either way, where it is not for too few samples.
    package enum Doubt: String, Sendable, Codable {
        /// The load generator itself was late, so that its figures are its own and not the stores'.
        case generatorSaturated
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
    /// With an inconclusive check: why; nil for too few samples.
    package var doubt: Doubt?
    /// The distribution of a latency; nil for a figure that is none.
    package var percentiles: Percentiles?
    /// The distribution from end to end, so that it can be drawn; nil for a figure that is none.
    package var curve: [CurvePoint]?
    /// With a rate: what it is at least, by Wilson's score interval at 95 %.
    package var lowerBound: Double?
    /// With a figure that is estimated: where it lies with 95 % confidence.
    package var interval: Interval?
    /// With a benchmark's figure: what keeps it from being better.
    package var limitedBy: String?
    /// With a latency: how many of `beyond` never came to an end. They stand in the distribution as the longest
    /// duration that it knows, an hour.
    package var endless: Int?
    /// With a latency that is seen from the outside: by how much a sample may be too long, in the check's unit, with
    /// 99 of 100; none is too short.
    package var resolution: Double?
    /// With a target that was missed and then measured again: what was measured first. All else here is of the second time.
    package var firstLook: FirstLook?

    /// What stood before a second look.
    package struct FirstLook: Sendable, Codable, Hashable {
        package var value: Double
        package var samples, beyond: Int
    }

    /// A range of values.
    package struct Interval: Sendable, Codable, Hashable {
        package var low, high: Double
    }

    /// Whether it compares what the stores hold.
    package var isOfConsistency: Bool { id.hasSuffix(".consistency") }

    /// The least samples for a judgement of a 99th percentile: with 299, the chance that all of them lie below it is
    /// 0.99^299 < 5 %.
    package static let leastSamples = 299

    /// The judgement of a latency by its 99th percentile.
    init(_ target: Target, _ recorder: LatencyRecorder) {
        let percentiles = Percentiles(recorder)
        self.percentiles = percentiles
        curve = Self.curve(recorder)
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

    /// The judgement of a latency that is seen from the outside, and some of which may never have ended.
    init(_ target: Target, _ recorder: LatencyRecorder, endless: Int, resolution: Duration?) {
        self.init(target, recorder)
        self.endless = endless > 0 ? endless : nil
        self.resolution = resolution?.milliseconds
    }

    /// The judgement of a figure that is measured once, such as a number of connections.
    init(_ target: Target, value: Double, samples: Int) {
        id = target.id
        self.value = value
        unit = target.unit
        op = target.comparison
        self.target = target.limit
        self.samples = samples
        let holds = target.comparison.holds(value, target.limit)
        beyond = holds ? 0 : 1
        verdict = samples == 0 ? .inconclusive : holds ? .pass : .fail
        pass = verdict == .pass
    }

    /// The judgement of a figure that is estimated from many, with where it lies.
    init(_ target: Target, value: Double, interval: ClosedRange<Double>, samples: Int) {
        self.init(target, value: value, samples: samples)
        self.interval = Interval(low: interval.lowerBound, high: interval.upperBound)
    }

    /// The judgement of a benchmark's figure.
    package init(_ target: Target, _ estimate: RatioEstimate, samples: Int, limitedBy limit: String) {
        self.init(target, value: Self.rounded(estimate.median), samples: samples)
        interval = Interval(
            low: Self.rounded(estimate.interval.lowerBound), high: Self.rounded(estimate.interval.upperBound))
        limitedBy = limit
    }

    /// The judgement of a benchmark's latency.
    package init(_ target: Target, _ recorder: LatencyRecorder, limitedBy limit: String) {
        self.init(target, recorder)
        limitedBy = limit
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

    /// The same figure, of a load generator that was late itself.
    func doubted(_ doubt: Doubt) -> CheckResult {
        var check = self
        check.verdict = .inconclusive
        check.doubt = doubt
        check.pass = false
        return check
    }

    /// The judgement of a rate: how many of `samples` succeeded, in per cent.
    init(_ target: Target, succeeded: Int, of samples: Int) {
        self.init(target, value: samples > 0 ? Double(succeeded) / Double(samples) * 100 : 0, samples: samples)
        beyond = samples - succeeded
        lowerBound = samples > 0 ? SuccessRate(succeeded, of: samples).interval.lowerBound * 100 : nil
        if samples < Self.leastSamples { verdict = .inconclusive }
        pass = verdict == .pass
    }
}

extension Duration {
    /// In milliseconds, to a tenth of a microsecond: what a document needs.
    package var milliseconds: Double { ((self / .milliseconds(1)) * 10_000).rounded() / 10_000 }
}
