/// A second look at targets that a clock has missed, or that a late load generator says nothing about. A machine that shares its processors misses now and
/// then what it meets otherwise; what is too slow misses it again.
enum Confirmation {
    /// Targets that a second look may clear: times, and ratios of them, and whatever a late generator has made doubtful. What stores hold, and what
    /// failed, is looked at once.
    static func openTargets(_ checks: [CheckResult]) -> Set<String> {
        Set(checks.filter(isOpen).map(\.id))
    }

    private static func isOpen(_ check: CheckResult) -> Bool {
        let isTime = ["ms", "s", "×"].contains(check.unit)
        switch check.verdict {
        case .pass: return false
        case .fail: return isTime
        case .inconclusive: return check.doubt == .generatorSaturated && (isTime || check.beyond == 0)
        }
    }

    /// The checks with what the second look says of those it is about; each keeps what the first one said.
    static func merge(_ first: [CheckResult], _ second: [CheckResult]) -> [CheckResult] {
        let open = openTargets(first)
        return first.map { check in
            guard open.contains(check.id), var again = second.first(where: { $0.id == check.id }) else { return check }
            again.firstLook = CheckResult.FirstLook(value: check.value, samples: check.samples, beyond: check.beyond)
            return again
        }
    }
}

extension ScenarioOutcome {
    /// Whether it measured any of these.
    func measures(_ targets: Set<String>) -> Bool {
        latencies.keys.contains { targets.contains($0.id) } || figures.contains { targets.contains($0.id) }
    }

    /// The same, measured to confirm what an earlier one of the scenario has found.
    var asSecondLook: ScenarioOutcome {
        var outcome = self
        outcome.isSecondLook = true
        outcome.result.id += " (again)"
        return outcome
    }
}
