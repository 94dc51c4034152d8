import Measurement

/// One target through a run: what counts for it, its windows, and whether it holds. A plain value of a fixed size.
package struct TargetTally: Sendable {
    /// What it says in the end.
    package struct Verdict: Sendable, Hashable {
        /// Of the whole run or its part; of the worst window where the target has windows. Nil where nothing was counted.
        package var value: Double?
        package var samples: Int
        /// Nil where too little was counted to tell.
        package var holds: Bool?
        /// Windows that missed it.
        package var missedWindows = 0
    }

    package let definition: TargetDefinition
    private let operation: Int?
    private let stages: [StageDefinition]
    package private(set) var figures = Figures<LatencyRecorder>()
    /// Time that has passed in the target's part of the run.
    private var time = Duration.zero

    private var window = Figures<CompactHistogram>()
    private var windowTime = Duration.zero
    private var windows = 0
    private var missedWindows = 0
    private var worst: (value: Double, samples: Int)?

    /// - Parameter operations: the names of the scenario's, in their order.
    package init(_ definition: TargetDefinition, operations: [String], stages: [StageDefinition]) {
        self.definition = definition
        operation = definition.expression.operation.flatMap { operations.firstIndex(of: $0) }
        self.stages = stages
    }

    private var expression: TargetExpression { definition.expression }

    private func covers(stage: Int, _ condition: LoadCondition) -> Bool {
        guard stages.indices.contains(stage), stages[stage].kind != .warmUp else { return false }
        switch definition.scope {
        case .run: return true
        case .stage(let name): return stages[stage].name == name
        case .condition(let wanted): return condition == wanted
        }
    }

    /// An operation has ended or was dropped.
    package mutating func add(_ event: OperationEvent) {
        guard operation == nil || operation == event.operation, covers(stage: event.stage, event.condition) else {
            return
        }
        figures.add(event, for: expression.metric)
        if definition.window != nil { window.add(event, for: expression.metric) }
    }

    /// Time has passed.
    ///
    /// - Returns: whether the run should end: the target is missed, and says so.
    package mutating func pass(_ time: Duration, stage: Int, condition: LoadCondition) -> Bool {
        guard covers(stage: stage, condition) else { return false }
        self.time += time
        if let length = definition.window {
            windowTime += time
            guard windowTime >= length else { return false }
            return closeWindow() && definition.aborts
        }
        return definition.aborts && isMissedForGood
    }

    /// - Returns: whether it was missed.
    private mutating func closeWindow() -> Bool {
        defer { (window, windowTime) = (Figures(), .zero) }
        windows += 1
        // In a window without anything, nothing was fast and nothing succeeded.
        guard let value = window.value(of: expression.metric, over: windowTime) else {
            missedWindows += 1
            return true
        }
        if worst.map({ isWorse(value, than: $0.value) }) ?? true {
            worst = (value, window.samples(of: expression.metric))
        }
        if expression.comparison.holds(value, expression.limit) { return false }
        missedWindows += 1
        return true
    }

    private func isWorse(_ value: Double, than other: Double) -> Bool {
        switch expression.comparison {
        case .below, .atMost: value > other
        case .above, .atLeast: value < other
        case .equal: abs(value - expression.limit) > abs(other - expression.limit)
        }
    }

    /// Before the end of the run: counts that only grow can't come back, and others need enough samples to mean something.
    private var isMissedForGood: Bool {
        guard let value = figures.value(of: expression.metric, over: time),
            !expression.comparison.holds(value, expression.limit)
        else { return false }
        switch expression.metric {
        case .failures, .dropped: return expression.comparison == .below || expression.comparison == .atMost
        case .rate: return time >= .seconds(5)
        case .success: return figures.ended >= 299
        case .latency, .service, .lag, .cacheLag:
            return figures.samples(of: expression.metric) >= max(299, expression.leastSamples)
        case .recovery: return false
        }
    }

    /// What it says now.
    package var verdict: Verdict {
        let samples = figures.samples(of: expression.metric)
        if definition.window != nil {
            var verdict = Verdict(value: worst?.value, samples: windows, missedWindows: missedWindows)
            verdict.holds = windows == 0 ? nil : missedWindows == 0
            return verdict
        }
        let value = figures.value(of: expression.metric, over: time)
        guard let value, time > .zero, samples >= expression.leastSamples || isCount else {
            return Verdict(value: value, samples: samples)
        }
        return Verdict(value: value, samples: samples, holds: expression.comparison.holds(value, expression.limit))
    }

    /// None at all is an answer too.
    private var isCount: Bool {
        switch expression.metric {
        case .failures, .dropped, .rate: true
        default: false
        }
    }
}
