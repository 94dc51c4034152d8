/// What became of one operation, with where it stood. A plain value.
package struct OperationEvent: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// The latency counts from the moment at which it was due, the service time from its beginning.
        case succeeded(latency: Duration, service: Duration)
        case failed
        case dropped
        /// A change that it made was seen in Redis so long after it; the operation itself has ended in an event of its own.
        case seen(Duration)
    }

    /// Its number among the scenario's.
    package var operation: Int
    /// The stage in which it was due, by its number.
    package var stage: Int
    /// How things stood from when it was due to its end: a fault that came upon it counts.
    package var condition: LoadCondition
    package var outcome: Outcome
    /// How late the load generator was; nil where nothing was due, and for what was dropped.
    package var lag: Duration?

    package init(
        operation: Int, stage: Int, condition: LoadCondition, outcome: Outcome, lag: Duration? = nil
    ) {
        self.operation = operation
        self.stage = stage
        self.condition = condition
        self.outcome = outcome
        self.lag = lag
    }
}
