/// What a check found.
package struct HistoryVerdict: Sendable, CustomStringConvertible {
    package struct Counts: Sendable, Hashable {
        package var committed = 0
        package var failed = 0
        package var inDoubt = 0
        /// Of those in doubt, the ones that took effect for certain: their writes were seen.
        package var inDoubtAndSeen = 0
        package var keys = 0
        package var dependencies = 0
    }

    package enum Judgement: Sendable, Hashable {
        /// Nothing was found that the model forbids.
        case notViolated
        case violated([AnomalyName])
        /// The history itself is broken.
        case unknown
    }

    package let counts: Counts
    /// If there are any, no anomaly was looked for.
    package let problems: [HistoryProblem]
    /// How often each anomaly was found. Of cycles, those that were found are counted, not all that there are.
    package let found: [AnomalyName: Int]
    /// Examples of each, the shortest cycles first.
    package let anomalies: [Anomaly]
    /// Whether the search for further examples was cut short. Whether a model is violated is known all the same.
    package let searchWasCut: Bool

    package func judgement(_ model: ConsistencyModel) -> Judgement {
        guard problems.isEmpty else { return .unknown }
        let forbidden = found.keys.filter(model.forbids).sorted()
        return forbidden.isEmpty ? .notViolated : .violated(forbidden)
    }

    package func violates(_ model: ConsistencyModel) -> Bool {
        if case .violated = judgement(model) { true } else { false }
    }

    /// Whether nothing at all was found, in a history that could be judged.
    package var isClean: Bool { problems.isEmpty && found.isEmpty }

    package var description: String {
        var lines = [
            "\(counts.committed) transactions committed, \(counts.failed) failed, \(counts.inDoubt) in doubt "
                + "(\(counts.inDoubtAndSeen) of them seen), \(counts.keys) keys, \(counts.dependencies) dependencies"
        ]
        for model in ConsistencyModel.allCases.reversed() {
            switch judgement(model) {
            case .notViolated: lines.append("\(model.rawValue): no violation found")
            case .violated(let names):
                let counted = names.map { "\($0) ×\(found[$0, default: 0])" }
                lines.append("\(model.rawValue): violated by \(counted.joined(separator: ", "))")
            case .unknown: lines.append("\(model.rawValue): can't be told")
            }
        }
        lines += problems.map { "problem in the history: \($0)" }
        lines += anomalies.map { "\n\($0)" }
        if searchWasCut { lines.append("\nThe search for more cycles ended at its limit.") }
        return lines.joined(separator: "\n")
    }
}
