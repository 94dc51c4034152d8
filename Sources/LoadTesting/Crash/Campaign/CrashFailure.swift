import Stores

/// A round after which the stores were not as they should be, with all that is needed to look into it.
package struct CrashFailure: Sendable, Codable, Hashable {
    package var round: Int
    package var seed: UInt64
    /// What was done.
    package var plan: String
    package var violations: [CrashViolation]
    /// What the round's processes were told of their units.
    package var told: [String]
    /// The end of each store's list of units.
    package var found: [String]
    /// Where the stores are.
    package var folder: String
    /// What does the same again. Times are not repeated exactly, so it may take some tries.
    package var command: String

    init(_ plan: CrashPlan, _ set: CrashSet, _ violations: [CrashViolation], folder: String) {
        round = plan.round
        seed = set.seed
        self.plan = plan.description
        self.violations = violations
        self.folder = folder
        let attempts = set.history.attempts.filter { $0.key > plan.round * 8_000 }.sorted {
            $0.value.began < $1.value.began
        }
        told = attempts.map { number, attempt in
            let unit = CrashUnit(number: number, seed: set.seed, hasGraph: set.stores.kind.hasGraph)
            let stores = unit.stores.map(\.rawValue).joined(separator: ", ")
            return "unit \(number) (\(stores)\(unit.isRolledBack ? "; rolls back" : "")): \(attempt.outcome)"
        }
        found = StoreKind.allCases.compactMap { store in
            guard let part = set.state?.parts[store] else { return nil }
            let units = part.log.suffix(30).map { "\($0.unit)" }.joined(separator: " ")
            return "\(store.rawValue): number \(part.marker), \(part.log.count) units, … \(units)"
        }
        let first = plan.round / CrashPlan.roundsPerSet * CrashPlan.roundsPerSet
        command = "trivet crash --seed \(set.seed) --from \(first) --rounds \(plan.round - first + 1)"
    }
}
