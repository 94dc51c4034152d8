/// One thing that went wrong, with its evidence.
package struct Anomaly: Sendable, Hashable, CustomStringConvertible {
    package let name: AnomalyName
    /// The transactions involved, by the index of their invocation; those of a cycle in its order.
    package let transactions: [Int]
    /// What happened, in sentences; for a cycle one for each edge.
    package let steps: [String]
    /// The transactions themselves, one a line.
    package let witnesses: [String]

    package var description: String {
        (["\(name)"] + witnesses.map { "    " + $0 } + steps.map { "  - " + $0 }).joined(separator: "\n")
    }
}

/// A history that can't be judged: it breaks the rules by which histories are recorded.
package struct HistoryProblem: Sendable, Hashable, CustomStringConvertible {
    /// The operation where it shows.
    package let index: Int
    package let message: String

    package var description: String { "operation \(index): \(message)" }
}
