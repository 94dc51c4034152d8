/// Judges metrics by the rules.
struct Judgement {
    typealias Metric = Baseline.Metric
    typealias Verdict = MetricComparison.Verdict

    let rules: ComparisonRules

    /// - Parameter confirmation: a second run's metrics by id; nil when there was none, and the candidate's own runs have to agree.
    func judge(_ pairs: [(baseline: Metric, candidate: Metric)], confirmation: [String: Metric]?) -> [MetricComparison]
    {
        var results = compare(pairs)
        let changed = results.indices.filter { results[$0].verdict == .regressed || results[$0].verdict == .improved }
        guard let confirmation else {
            for index in changed { confirm(&results[index], byRunsOf: pairs[index].candidate) }
            return results
        }
        // Only what changed has to be asked again, so that few answers share what chance may do.
        let asked = changed.compactMap { index in
            confirmation[results[index].id].map { (index: index, pair: (pairs[index].baseline, $0)) }
        }
        let answers = compare(asked.map(\.pair))
        for index in changed {
            let answer = asked.firstIndex { $0.index == index }.map { answers[$0] }
            confirm(&results[index], by: answer)
        }
        return results
    }

    /// A candidate of several runs confirms itself, if each of them lies on the same side of the baseline.
    private func confirm(_ result: inout MetricComparison, byRunsOf candidate: Metric) {
        guard candidate.runs.count > 1 else { return }
        let isGreater = result.candidate > result.baseline
        let agreeing = candidate.runs.count {
            ($0.median > result.baseline) == isGreater && $0.median != result.baseline
        }
        result.isConfirmed = agreeing == candidate.runs.count
        if result.isConfirmed == true {
            result.reason += "; so in each of its \(agreeing) runs"
        } else {
            result.reason += "; but so in only \(agreeing) of its \(candidate.runs.count) runs"
            result.verdict = .inconclusive
        }
    }

    private func confirm(_ result: inout MetricComparison, by answer: MetricComparison?) {
        guard let answer else {
            result.reason += "; the second run has no such metric to confirm it"
            result.verdict = .inconclusive
            result.isConfirmed = false
            return
        }
        // Two runs of the same code show how much runs differ, which the repetitions of one don't.
        let isBeyondRuns = isGreater(result, answer)
        result.isConfirmed = answer.verdict == result.verdict && isBeyondRuns
        if result.isConfirmed == true {
            result.reason += "; confirmed by the second run (\(change(answer)))"
        } else if !isBeyondRuns {
            result.reason += "; the second run (\(change(answer))) differs from the first by as much as that"
            result.verdict = .inconclusive
        } else {
            result.reason += "; not confirmed by the second run: \(answer.reason)"
            result.verdict = .inconclusive
        }
    }

    /// Whether the change is greater in both runs than the difference between them.
    private func isGreater(_ first: MetricComparison, _ second: MetricComparison) -> Bool {
        guard let a = first.ratio, let b = second.ratio else { return true }
        // Ratios are compared as ratios: half is as far from 1 as double.
        return min(max(a, 1 / a), max(b, 1 / b)) > max(a / b, b / a)
    }

    private func compare(_ pairs: [(baseline: Metric, candidate: Metric)]) -> [MetricComparison] {
        var results = pairs.map(figures)
        // What can't be tested takes no part in the adjustment.
        let tested = results.indices.filter { results[$0].p != nil }
        for (index, p) in zip(tested, Holm.adjusted(tested.map { results[$0].p ?? 1 })) { results[index].adjustedP = p }
        for index in tested { decide(&results[index], of: tested.count) }
        // One run's repetitions are alike in more than the code.
        for index in results.indices where results[index].baselineRuns == 1 {
            guard results[index].verdict == .regressed || results[index].verdict == .improved else { continue }
            results[index].reason += "; the baseline is of one run, which can't tell how much runs differ"
        }
        return results
    }

    /// All figures of a metric but the adjusted p; where they can't be had, the reason why.
    private func figures(_ baseline: Metric, _ candidate: Metric) -> MetricComparison {
        var result = MetricComparison(
            id: baseline.id, unit: baseline.unit, better: baseline.better, verdict: .inconclusive,
            baseline: baseline.median, candidate: candidate.median, baselineRuns: baseline.runs.count,
            baselineSamples: baseline.samples.count, candidateSamples: candidate.samples.count,
            tolerance: rules.tolerance(of: baseline), reason: "")
        guard baseline.isLike(candidate) else {
            result.reason =
                "not the same metric: \(baseline.unit), \(baseline.better.rawValue) is better, and \(candidate.unit), \(candidate.better.rawValue) is better"
            return result
        }
        guard min(baseline.samples.count, candidate.samples.count) >= rules.leastSamples else {
            result.reason =
                "too few samples: \(baseline.samples.count) and \(candidate.samples.count), and it takes \(rules.leastSamples) of each"
            return result
        }
        guard (baseline.samples + candidate.samples).allSatisfy({ $0 >= 0 }) else {
            result.reason = "there are values below 0, of which a ratio means nothing"
            return result
        }
        result.p = MannWhitney(candidate.samples, baseline.samples).p
        if baseline.samples.allSatisfy({ $0 > 0 }), candidate.samples.allSatisfy({ $0 > 0 }) {
            let estimate = RatioEstimate(
                subjectRuns: candidate.runs, referenceRuns: baseline.runs, confidence: rules.confidence,
                seed: rules.seed)
            result.ratio = estimate.median
            result.interval = .init(low: estimate.interval.lowerBound, high: estimate.interval.upperBound)
        }
        return result
    }

    private func decide(_ result: inout MetricComparison, of metrics: Int) {
        let isSignificant = (result.adjustedP ?? 1) < rules.significance
        guard let ratio = result.ratio, let interval = result.interval else {
            decideWithoutRatio(&result, isSignificant)
            return
        }
        let worse = result.better == .lower ? ratio : 1 / ratio
        let low = result.better == .lower ? interval.low : 1 / interval.high
        let high = result.better == .lower ? interval.high : 1 / interval.low
        let most = 1 + result.tolerance
        let changed = change(result)
        let tolerated = "what is tolerated, ±\(percent(result.tolerance))"
        if low >= 1 / most, high <= most {
            result.verdict = .unchanged
            result.reason = "\(changed), all of it within \(tolerated)"
        } else if isSignificant, worse > most, low > 1 {
            result.verdict = .regressed
            result.reason = "\(changed), beyond \(tolerated), p \(probability(result)) after Holm"
        } else if isSignificant, worse < 1 / most, high < 1 {
            result.verdict = .improved
            result.reason = "\(changed), beyond \(tolerated), p \(probability(result)) after Holm"
        } else if worse > most || worse < 1 / most {
            result.reason = "\(changed), beyond \(tolerated), but it may be chance: p \(probability(result)) after Holm"
            let least = MannWhitney.leastP(result.baselineSamples, result.candidateSamples) * Double(metrics)
            if least >= rules.significance {
                result.reason += "; among \(metrics) metrics so few samples can't show more, measure more of them"
            }
        } else if low <= 1, high >= 1 {
            result.reason = "\(changed): it may be no change, and may be more than \(tolerated)"
        } else {
            result.reason = "\(changed): changed, but whether by more than \(tolerated), can't be said"
        }
    }

    /// With zeros among the values there is no ratio, and no interval of one.
    private func decideWithoutRatio(_ result: inout MetricComparison, _ isSignificant: Bool) {
        let (before, now) = (result.baseline, result.candidate)
        let medians =
            "from \(figure(before)) to \(figure(now)) \(result.unit), with zeros among the values and so without a ratio"
        if result.p == 1, before == now {
            result.verdict = .unchanged
            result.reason = "\(figure(before)) \(result.unit) in both"
        } else if isSignificant, before == 0 || now == 0, before != now {
            // From nothing or to nothing is more than any part of it.
            result.verdict = (now > before) == (result.better == .lower) ? .regressed : .improved
            result.reason = "\(medians), p \(probability(result)) after Holm"
        } else {
            result.reason = "\(medians), p \(probability(result)) after Holm"
        }
    }

    private func change(_ result: MetricComparison) -> String {
        guard let ratio = result.ratio, let interval = result.interval else {
            return "from \(figure(result.baseline)) to \(figure(result.candidate)) \(result.unit)"
        }
        let isWorse = (ratio > 1) == (result.better == .lower)
        let words = ratio == 1 ? "no change" : "\(percent(abs(ratio - 1))) \(isWorse ? "worse" : "better")"
        return "\(words) (\(signed(interval.low - 1)) to \(signed(interval.high - 1)))"
    }

    private func percent(_ part: Double) -> String { "\((part * 1_000).rounded() / 10) %" }
    private func signed(_ part: Double) -> String { (part < 0 ? "−" : "+") + percent(abs(part)) }

    private func probability(_ result: MetricComparison) -> String {
        let p = result.adjustedP ?? 1
        return p < 0.0001 ? "< 0.0001" : "\((p * 10_000).rounded() / 10_000)"
    }

    private func figure(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }
}
