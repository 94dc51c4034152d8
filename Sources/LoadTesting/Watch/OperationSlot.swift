import Measurement

/// How many operations ended in a slot of time.
struct OperationSlot: SeriesSlot, Hashable {
    var operations = 0
    var failures = 0

    mutating func add(_ later: OperationSlot) {
        operations += later.operations
        failures += later.failures
    }
}

/// Operations over time, from counts that only grow; in fixed memory however long it lasts.
struct OperationSeries: Sendable {
    private(set) var series = SlotSeries<OperationSlot>(width: .milliseconds(250), capacity: 256)
    private var last = OperationSlot()

    /// What has been counted until a moment.
    mutating func advance(operations: Int, failures: Int, at time: Duration) {
        let new = OperationSlot(operations: operations - last.operations, failures: failures - last.failures)
        last = OperationSlot(operations: operations, failures: failures)
        series.update(at: time) { $0.add(new) }
    }

    /// Nil when nothing was counted.
    var result: RunResult.Timeline? {
        guard !series.slots.isEmpty else { return nil }
        return RunResult.Timeline(
            seconds: series.width / .seconds(1), operations: series.slots.map(\.operations),
            failures: series.slots.map(\.failures))
    }
}
