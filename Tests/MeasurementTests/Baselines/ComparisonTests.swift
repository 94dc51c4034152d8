import Testing

@testable import Measurement

@Suite("M4: a candidate beside a baseline")
struct ComparisonTests {
    private func compare(
        _ baseline: [Double], _ candidate: [Double], again: [Double]? = nil, better: Baseline.Metric.Better = .lower,
        rules: ComparisonRules = ComparisonRules()
    ) throws -> MetricComparison {
        let comparison = try Comparison(
            baseline: Baseline("a", baseline, better: better), candidate: Baseline("b", candidate, better: better),
            confirmation: again.map { Baseline("c", $0, better: better) }, rules: rules)
        return try #require(comparison.metrics.first)
    }

    @Test("M4: slower by more than is tolerated has regressed, and says by how much")
    func regressed() throws {
        let found = try compare(quiet(10), quiet(12))
        #expect(found.verdict == .regressed)
        let ratio = try #require(found.ratio), interval = try #require(found.interval)
        #expect(isClose(ratio, 1.2))
        #expect(interval.low < ratio && ratio < interval.high && interval.low > 1.15)
        #expect(found.tolerance == 0.05)
        #expect(found.p == found.adjustedP)
        #expect(found.reason.hasPrefix("20.0 % worse (+"))
        #expect(found.reason.contains("one run"))
        #expect(found.isConfirmed == nil)
    }

    @Test("M4: faster by more than is tolerated has improved")
    func improved() throws {
        let found = try compare(quiet(10), quiet(8))
        #expect(found.verdict == .improved)
        #expect(found.reason.hasPrefix("20.0 % better"))
    }

    @Test("M4: where more is better, the same is the other way round", arguments: [0.5, 0.8, 1, 1.02, 1.3, 2])
    func direction(factor: Double) throws {
        let lower = try compare(quiet(10), quiet(10 * factor))
        let higher = try compare(quiet(10), quiet(10 * factor), better: .higher)
        let mirrored: [MetricComparison.Verdict: MetricComparison.Verdict] = [
            .improved: .regressed, .regressed: .improved, .unchanged: .unchanged, .inconclusive: .inconclusive,
        ]
        #expect(higher.verdict == mirrored[lower.verdict])
        #expect(higher.ratio == lower.ratio)
    }

    @Test("M4: a difference that is sure but too small to matter is none")
    func small() throws {
        let found = try compare(quiet(10), quiet(10.2))
        #expect(found.verdict == .unchanged)
        #expect(try #require(found.adjustedP) < 0.001)
        #expect(found.reason.contains("within what is tolerated"))
        #expect(try compare(quiet(10), quiet(10)).verdict == .unchanged)
    }

    @Test("M4: an interval that holds both no change and too much is inconclusive")
    func wide() throws {
        // Wild values that do not lift the median deviation, and so not the tolerance, but spread the medians.
        let baseline = [10, 10, 10, 10, 10, 10, 10, 14, 15, 16, 14, 15.5]
        let candidate = [10, 10, 10, 10, 10, 14, 14, 15, 16, 17, 15, 10.5]
        let found = try compare(baseline, candidate)
        let interval = try #require(found.interval)
        #expect(interval.low <= 1 && interval.high > 1 + found.tolerance)
        #expect(found.verdict == .inconclusive)
    }

    @Test("M4: a change whose size may or may not matter is inconclusive")
    func near() throws {
        let found = try compare(quiet(10, part: 0.03), quiet(10.48, part: 0.03))
        #expect(found.verdict == .inconclusive)
        #expect(try #require(found.interval).low > 1)
        #expect(found.reason.contains("can't be said"))
    }

    @Test("M4: too few samples are inconclusive, and the reason says so")
    func few() throws {
        let found = try compare([1, 1, 1, 1], [9, 9, 9, 9])
        #expect(found.verdict == .inconclusive)
        #expect(found.p == nil && found.ratio == nil)
        #expect(found.reason.contains("too few samples"))
        // Five of each are enough alone, but not among ten metrics.
        #expect(try compare(quiet(10, 5), quiet(20, 5)).verdict == .regressed)
        func ten(_ name: String, _ middle: Double) -> Baseline {
            Baseline(
                name,
                metrics: (0..<10).map { .init(id: "\($0)", unit: "ms", better: .lower, samples: quiet(middle, 5)) })
        }
        let comparison = try Comparison(baseline: ten("a", 10), candidate: ten("b", 20))
        #expect(comparison.metrics.allSatisfy { $0.verdict == .inconclusive && $0.reason.contains("among 10 metrics") })
    }

    @Test("M4: noise of the baseline widens what is tolerated, up to a limit, and that of the candidate doesn't")
    func tolerance() throws {
        let rules = ComparisonRules()
        func tolerance(_ samples: [Double]) -> Double {
            rules.tolerance(of: .init(id: "a", unit: "ms", better: .lower, samples: samples))
        }
        #expect(tolerance(quiet(10)) == 0.05)
        let noisy = [8.0, 9, 10, 11, 12]
        // The distances from 10 are 2, 1, 0, 1, 2 tenths of it: their median is a tenth.
        #expect(isClose(tolerance(noisy), 2 * 1.482602218505602 * 0.1))
        #expect(tolerance([1, 5, 10, 15, 20]) == 0.5)
        #expect(tolerance([0, 0, 0, 0, 1]) == 0.05)
        #expect(try compare(quiet(10), noisy + noisy).tolerance == 0.05)
        var own = rules
        own.tolerances["time"] = 0.3
        #expect(try compare(quiet(10), quiet(12), rules: own).verdict == .unchanged)
        #expect(try compare(quiet(10), quiet(14), rules: own).verdict == .regressed)
    }

    @Test("M4: runs that differ widen what is tolerated")
    func betweenRuns() throws {
        var metric = Baseline.Metric(id: "time", unit: "ms", better: .lower, samples: quiet(10))
        #expect(metric.noiseBetweenRuns == nil)
        metric.runs += [quiet(11), quiet(12)]
        // numpy 2.4.6: std([10, 11, 12], ddof=1) * sqrt(4 / 3) / (4 * 2 / 9) / 11.
        let medians = metric.runs.map(\.median)
        #expect(zip(medians, [10, 11, 12]).allSatisfy { abs($0 - $1) < 0.01 })
        #expect(isClose(try #require(metric.noiseBetweenRuns), 0.11809437324333255, 1e-3))
        #expect(isClose(ComparisonRules().tolerance(of: metric), 2 * 0.11809437324333255, 1e-3))
        let comparison = try Comparison(baseline: Baseline("a", metrics: [metric]), candidate: Baseline("b", quiet(13)))
        // Beyond each of the three runs, but not beyond what a fourth may be.
        #expect(comparison.verdict != .regressed)
        let doubled = try Comparison(baseline: Baseline("a", metrics: [metric]), candidate: Baseline("b", quiet(22)))
        #expect(doubled.verdict == .regressed)
        #expect(!doubled.metrics[0].reason.contains("one run"))
    }

    @Test("M4: a second run confirms a change, or it is none")
    func confirmation() throws {
        let confirmed = try compare(quiet(10), quiet(12), again: quiet(12.2))
        #expect(confirmed.verdict == .regressed)
        #expect(confirmed.isConfirmed == true)
        #expect(confirmed.reason.contains("confirmed by the second run"))
        let denied = try compare(quiet(10), quiet(12), again: quiet(10.1))
        #expect(denied.verdict == .inconclusive)
        #expect(denied.isConfirmed == false)
        #expect(denied.reason.contains("second run"))
        #expect(try compare(quiet(10), quiet(12), again: quiet(8)).verdict == .inconclusive)
        #expect(try compare(quiet(10), quiet(8), again: quiet(8.1)).verdict == .improved)
        // Both are slower, but differ by more than the lesser of the two changes.
        let unsteady = try compare(quiet(10), quiet(11), again: quiet(14))
        #expect(unsteady.verdict == .inconclusive)
        #expect(unsteady.reason.contains("differs from the first"))
        // Nothing to confirm.
        #expect(try compare(quiet(10), quiet(10), again: quiet(20)).isConfirmed == nil)
        let without = try Comparison(
            baseline: Baseline("a", quiet(10)), candidate: Baseline("b", quiet(12)),
            confirmation: Baseline("c", metrics: []))
        #expect(without.verdict == .inconclusive)
        let alone = try Comparison(baseline: Baseline("a", quiet(10)), candidate: Baseline("b", quiet(12)))
        #expect(alone.unconfirmed == ["time"])
    }

    @Test("M4: a candidate of several runs confirms itself when they agree")
    func ownRuns() throws {
        func candidate(_ middles: [Double]) -> Baseline {
            var metric = Baseline.Metric(id: "time", unit: "ms", better: .lower, samples: [])
            metric.runs = middles.map { quiet($0) }
            return Baseline("b", metrics: [metric])
        }
        let agreeing = try Comparison(baseline: Baseline("a", quiet(10)), candidate: candidate([12, 13, 12.5]))
        #expect(agreeing.metrics[0].isConfirmed == true)
        #expect(agreeing.verdict == .regressed)
        #expect(agreeing.unconfirmed == [])
        let one = try Comparison(
            baseline: Baseline("a", quiet(10)), candidate: candidate([12, 13, 12.5, 12, 9.5, 12, 12, 12]))
        #expect(one.verdict == .inconclusive)
        #expect(one.metrics[0].reason.contains("only 7 of its 8 runs"))
    }

    @Test("M4: zeros have no ratio, and something instead of nothing is a regression all the same")
    func zeros() throws {
        let zero = Array(repeating: 0.0, count: 12)
        #expect(try compare(zero, zero).verdict == .unchanged)
        let found = try compare(zero, quiet(3))
        #expect(found.verdict == .regressed)
        #expect(found.ratio == nil)
        #expect(try compare(zero, quiet(3), better: .higher).verdict == .improved)
        #expect(try compare(quiet(3), zero).verdict == .improved)
        #expect(try compare(zero, zero.dropLast(2) + [1, 2]).verdict == .inconclusive)
        #expect(try compare(zero, quiet(3), again: quiet(4)).isConfirmed == true)
        #expect(try compare(quiet(-3), quiet(-4)).reason.contains("below 0"))
    }

    @Test("M4: metrics that only one has, or that are something else, are named")
    func others() throws {
        func metric(_ id: String, _ unit: String = "ms") -> Baseline.Metric {
            .init(id: id, unit: unit, better: .lower, samples: quiet(10))
        }
        let comparison = try Comparison(
            baseline: Baseline("a", metrics: [metric("x"), metric("old"), metric("y")]),
            candidate: Baseline("b", metrics: [metric("y", "s"), metric("new"), metric("x")]))
        #expect(comparison.metrics.map(\.id) == ["x", "y"])
        #expect(comparison.onlyInBaseline == ["old"])
        #expect(comparison.onlyInCandidate == ["new"])
        #expect(comparison.metrics[1].verdict == .inconclusive)
        #expect(comparison.metrics[1].reason == "not the same metric: ms, lower is better, and s, lower is better")
        #expect(
            try Comparison(baseline: Baseline("a", metrics: []), candidate: Baseline("b", metrics: [])).verdict
                == .inconclusive)
    }

    @Test("M4: different machines or engines are refused by name, unless it is forced")
    func refused() throws {
        let here = Baseline("a", quiet(10))
        var there = Baseline("b", quiet(12))
        there.machine = MachineDescription(cores: 4, processor: "Desk 2", memory: 8 << 30, system: "Debian 13")
        there.engines["kuzu"] = "0.12.0"
        there.engines["redis"] = nil
        let error = try baselineError { _ = try Comparison(baseline: here, candidate: there) }
        #expect(error.code == .notComparable)
        for words in [
            "cores: 8 and 4", "processor: Desk 1 and Desk 2", "memory: 16.0 GiB and 8.0 GiB",
            "system: Debian 12 and Debian 13", "kuzu: 0.11.3 and 0.12.0", "redis: 7.0.15 and none",
        ] {
            #expect(error.description.contains(words), "\(words)")
        }
        #expect(!error.description.contains("sqlite"))
        let forced = try Comparison(baseline: here, candidate: there, isForced: true)
        #expect(forced.verdict == .regressed)
        #expect(forced.differences.count == 6)
        // The second run has to be from there, too.
        let second = try baselineError {
            _ = try Comparison(baseline: here, candidate: Baseline("b", quiet(12)), confirmation: there)
        }
        #expect(second.code == .notComparable)
        // A kernel that keeps a little more for itself is no other machine.
        var almost = Baseline("b", quiet(10))
        almost.machine.memory -= 100 << 20
        #expect(try Comparison(baseline: here, candidate: almost).verdict == .unchanged)
    }

    @Test("M4: broken documents are refused, not compared")
    func defects() throws {
        let good = Baseline("a", quiet(10))
        for samples in [[], [1, .nan, 2, 3, 4, 5], [1, .infinity]] as [[Double]] {
            #expect(
                try baselineError { _ = try Comparison(baseline: good, candidate: Baseline("b", samples)) }.code
                    == .invalid)
        }
        let twice = Baseline("b", metrics: good.metrics + good.metrics)
        let error = try baselineError { _ = try Comparison(baseline: twice, candidate: good) }
        #expect(error.description == "b can't be compared: the metric time is there 2 times")
    }
}
