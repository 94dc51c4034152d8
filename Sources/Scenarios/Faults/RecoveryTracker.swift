import Measurement

/// How long the load takes, after each fault, until a whole second of it is within target. A plain value of a fixed size.
///
/// Seconds begin at every tenth of a second; the first that meets all targets ends the recovery, and the time until its
/// beginning is the recovery's. All moments count from the same one.
package struct RecoveryTracker: Sendable {
    package struct Recovery: Sendable, Hashable {
        /// The fault's number.
        package var fault: Int
        package var healed: Duration
        /// Nil until a second was within target.
        package var time: Duration?
    }

    private static let slot = Duration.milliseconds(100)
    private static let slotsOfSecond = 10

    private let targets: [TargetExpression]
    private let operations: [Int?]
    /// Of the last slots, oldest first, the newest not yet full; for each target its figures.
    private var slots: [[Figures<CompactHistogram>]]
    /// The number of the newest slot.
    private var current = 0
    package private(set) var recoveries: [Recovery] = []

    /// - Parameters:
    ///   - targets: of a second; none means that operations succeed, 99 of 100.
    ///   - operations: the names of the scenario's, in their order.
    package init(_ targets: [TargetExpression], operations: [String]) {
        self.targets = targets.isEmpty ? [.mostlySucceeds] : targets
        self.operations = self.targets.map { target in target.operation.flatMap { operations.firstIndex(of: $0) } }
        slots = [self.targets.map { _ in Figures() }]
    }

    /// Whether some fault is healed and still felt.
    package var isRecovering: Bool { recoveries.contains { $0.time == nil } }

    /// A fault was healed.
    package mutating func heal(_ fault: Int, at moment: Duration) {
        advance(to: moment)
        recoveries.append(Recovery(fault: fault, healed: moment, time: nil))
    }

    /// An operation has ended, or was dropped.
    package mutating func add(_ event: OperationEvent, at moment: Duration) {
        advance(to: moment)
        for (index, target) in targets.enumerated()
        where operations[index] == nil || operations[index] == event.operation {
            slots[slots.count - 1][index].add(event, for: target.metric)
        }
    }

    /// Time has passed until here.
    package mutating func advance(to moment: Duration) {
        let number = max(0, Int(moment / Self.slot))
        while current < number {
            if slots.count == Self.slotsOfSecond, isRecovering { judge() }
            slots.append(targets.map { _ in Figures() })
            if slots.count > Self.slotsOfSecond { slots.removeFirst() }
            current += 1
        }
    }

    /// The second that ends with the newest slot.
    private mutating func judge() {
        let start = Self.slot * (current - Self.slotsOfSecond + 1)
        guard recoveries.contains(where: { $0.time == nil && $0.healed <= start }) else { return }
        // One that begins with silence would be taken for better than it was: the next begins later.
        guard slots[0].contains(where: { $0.ended > 0 }) else { return }
        for (index, target) in targets.enumerated() {
            var second = Figures<CompactHistogram>()
            for slot in slots { second.add(slot[index]) }
            guard let value = second.value(of: target.metric, over: .seconds(1)), second.ended > 0,
                target.comparison.holds(value, target.limit)
            else { return }
        }
        for index in recoveries.indices where recoveries[index].time == nil && recoveries[index].healed <= start {
            recoveries[index].time = start - recoveries[index].healed
        }
    }
}
