import LoadTesting

/// What a run came to, in a sentence that every rendering has.
struct Verdict: Sendable {
    enum Kind: String, Sendable {
        case pass, fail, inconclusive
    }

    let kind: Kind
    let text: String

    /// It never stands for colour alone.
    var sign: String {
        switch kind {
        case .pass: "✓"
        case .fail: "✗"
        case .inconclusive: "?"
        }
    }

    init(_ result: RunResult) {
        let missed = result.checks.count { $0.verdict == .fail }
        switch result.outcome {
        case .allTargetsMet:
            kind = .pass
            let met =
                switch result.checks.count {
                case 0 where result.engineFigures != nil: result.engineFigures?.verdict ?? ""
                case 1: "The target is met."
                case 2: "Both targets met."
                case let count: "All \(count) targets met."
                }
            let again = result.checks.count { $0.firstLook != nil }
            text = again > 0 ? "\(met) \(again) of them \(again == 1 ? "was" : "were") missed at first." : met
        case .targetMissed, .inconsistent:
            kind = .fail
            let failed = result.scenarios.count { !$0.pass }
            let parts = [
                missed > 0 ? "\(missed) of \(result.checks.count) targets missed" : nil,
                failed > 0 ? "\(failed) \(failed == 1 ? "scenario" : "scenarios") with failures" : nil,
            ].compactMap { $0 }
            text = "\(parts.joined(separator: ", "))."
        case .inconclusive:
            let open = result.checks.filter { $0.verdict == .inconclusive }
            let late = open.count { $0.doubt == .generatorSaturated }, few = open.count - late
            let parts = [
                late > 0
                    ? "\(late) \(late == 1 ? "check says" : "checks say") nothing, since the load generator was saturated; "
                        + "give it less load, or a faster machine" : nil,
                few > 0
                    ? "\(few) \(few == 1 ? "check has" : "checks have") too few samples to say; run longer (--duration)"
                    : nil,
            ].compactMap { $0 }
            kind = .inconclusive
            text = "Inconclusive: \(parts.joined(separator: ". "))."
        case .interrupted:
            kind = missed > 0 ? .fail : .inconclusive
            let until = missed > 0 ? ", with \(missed) of \(result.checks.count) targets missed" : ""
            text = "Interrupted: the figures are those until then\(until)."
        case .wrongUsage, .engineMissing, .regressed:
            kind = .fail
            text = "The run did not come to an end."
        }
    }
}

extension CheckResult {
    /// The value as text; what never ended stands in a distribution as the longest that it knows.
    func text(_ value: Double) -> String {
        guard endless != nil, let longest = percentiles?.max, value >= longest * 0.999 else {
            return Figure.value(value, unit: unit)
        }
        return "∞"
    }

    /// What was measured before a second look; nil where there was none.
    var firstLookText: String? {
        firstLook.map { first in
            let found = "\(Figure.value(first.value, unit: unit)) with \(Figure.count(first.samples)) samples"
            return "\(id): \(found) at first, and so measured again"
        }
    }

    var limitText: String { "\(op.rawValue) \(Figure.value(target, unit: unit))" }

    var sign: String {
        switch verdict {
        case .pass: "✓"
        case .fail: "✗"
        case .inconclusive: "?"
        }
    }

    /// In a word, beside its sign.
    var word: String {
        switch verdict {
        case .pass: "pass"
        case .fail: "FAIL"
        case .inconclusive: doubt == nil ? "too few" : "saturated"
        }
    }

    /// Why it says nothing either way.
    var doubtText: String {
        switch doubt {
        case nil: "too few samples"
        case .generatorSaturated: "load generator saturated"
        }
    }

    /// How far the value is from its limit, for people.
    var margin: String {
        guard verdict != .inconclusive else {
            return doubt == nil ? "\(Figure.count(samples)) of \(Self.leastSamples) samples" : doubtText
        }
        if text(value) == "∞" { return "never" }
        if value == target { return "at the limit" }
        let distance = abs(value - target)
        let side = value < target ? "below" : "above"
        // A difference of per cent is told in points, and one from nothing as it is.
        if unit == "%" { return "\(Figure.text(distance)) \(distance == 1 ? "point" : "points") \(side)" }
        guard target != 0 else { return "\(Figure.value(distance, unit: unit)) \(side)" }
        let part = distance / abs(target)
        if part >= 2 { return "\(Figure.text((value / target * 10).rounded() / 10)) times the limit" }
        // Close to all of it, a figure without its rest would claim all.
        let percent = part > 0.99 || part < 0.01 ? part * 100 : (part * 100).rounded()
        return "\(Figure.text(percent)) % \(side)"
    }

    /// What it measures, in a few words; nil for an id that no target of ours has.
    var summary: String? { Target.summaries[id] }
}

extension Target {
    private static let known: [Target] = [
        .graphQuery, .graphConnect, .redisOperation, .redisPipeline, .sqliteTransaction, .sqliteQuery,
        .crossCoordination, .cacheLag, .graphConnections, .redisConnections, .sqliteConnections, .graphMemory,
        .redisMemory, .sqliteMemory, .poolReuse, .crossSuccess, .crossConsistency, .recovery, .memoryGrowth,
        .crashViolations, .historyAnomalies, .dashboardLatency, .analyticsConsistency, .latencyDrift,
    ]

    fileprivate static let summaries = Dictionary(
        known.map { ($0.id, $0.summary) }, uniquingKeysWith: { first, _ in first })
}
