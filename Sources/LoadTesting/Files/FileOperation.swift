import Measurement
import Scenarios
import Transactions

/// An operation of a file that is ready to run.
struct FileOperation: Sendable {
    let definition: OperationDefinition
    /// Its place among the file's operations.
    let number: Int
    /// What its latencies are samples of: a built-in check, or itself.
    let target: Target
    private let sources: ValueSources

    init(_ definition: OperationDefinition, number: Int, scenario: String, sources: ValueSources) {
        self.number = number
        self.definition = definition
        self.sources = sources
        target =
            definition.check.flatMap(Target.named)
            ?? Target(
                id: "\(scenario).\(definition.name)", summary: definition.name, comparison: .below, limit: .infinity,
                unit: "ms")
    }

    /// Does it once.
    ///
    /// - Throws: what the stores throw, and `WrongAnswer`, each with the operation's name.
    func perform(_ runner: StepRunner, isCounted: Bool, using generator: inout SplitMix64) async throws {
        let drawn = draw(using: &generator)
        guard let worker = runner.engines.worker else {
            return try await execute(drawn, runner, isCounted: isCounted)
        }
        try await worker.perform(drawn)
    }

    private func draw(using generator: inout SplitMix64) -> DrawnOperation {
        var drawn = DrawnOperation(number: number, values: sources.draw(using: &generator))
        guard definition.kind == .steps else { return drawn }
        // Only a pipeline draws more values than there are for the operation.
        for (index, step) in definition.steps.enumerated() where step.repetitions > 1 {
            drawn.pipelines[index] = (0..<step.repetitions).map { _ in sources.draw(using: &generator) }
        }
        return drawn
    }

    /// Does it with values that are drawn, in the process in which the stores are open.
    func execute(_ drawn: DrawnOperation, _ runner: StepRunner, isCounted: Bool) async throws {
        let values = drawn.values
        do {
            switch definition.kind {
            case .steps: try await steps(runner, drawn, StepRunner.Doer(operation: number, isCounted: isCounted))
            case .transaction(let transaction): try await run(transaction, runner, values)
            case .snapshot:
                try await runner.engines.stores.needCoordinator().snapshot { snapshot in
                    try await each(values) { try await runner.run($1.statement, $2, in: snapshot) }
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw FailedOperation(name: definition.name, cause: error)
        }
    }

    private func steps(_ runner: StepRunner, _ drawn: DrawnOperation, _ doer: StepRunner.Doer) async throws {
        try await each(drawn.values) { index, step, values in
            guard case .redis(let commands) = step.statement, let all = drawn.pipelines[index] else {
                return try await runner.run(step, values, by: doer)
            }
            return try await runner.pipeline(all.flatMap { own in commands.map { StepRunner.command($0, own) } })
        }
    }

    private func run(
        _ definition: TransactionDefinition, _ runner: StepRunner, _ values: StepRunner.Values
    ) async throws {
        var options = TransactionOptions(
            isolation: .init(definition.isolation), priority: .init(definition.priority))
        if let limit = definition.timeLimit { options.timeLimit = limit }
        if let attempts = definition.attempts { options.retry.maximumAttempts = attempts }
        try await runner.engines.stores.needCoordinator().transaction(options) { transaction in
            var values = values
            for step in self.definition.steps {
                let answer = try await runner.run(step.statement, values, in: transaction)
                try step.check(answer)
                if let name = step.result { values[name] = answer.first }
            }
        }
    }

    /// Runs the steps in turn; each sees the results of those before it.
    private func each(
        _ values: StepRunner.Values, _ run: (Int, StepDefinition, StepRunner.Values) async throws -> StepAnswer
    ) async throws {
        var values = values, first: StepAnswer?
        for (index, step) in definition.steps.enumerated() {
            let answer = try await run(index, step, values)
            try step.check(answer)
            if let name = step.result { values[name] = answer.first }
            guard definition.isSame else { continue }
            if let first, !first.isSame(as: answer) {
                throw WrongAnswer(description: "the answers differ: \(Self.text(first)), and \(Self.text(answer))")
            }
            first = first ?? answer
        }
    }

    static func text(_ answer: StepAnswer) -> String {
        let rows = answer.rows.prefix(5).map { $0.map(\.description).joined(separator: " | ") }
        return rows.joined(separator: ", ") + (answer.rows.count > 5 ? ", …" : "")
    }
}

/// An operation's error, with its name.
struct FailedOperation: Error, CustomStringConvertible {
    var name: String
    var cause: any Error
    var description: String { "\(name): \(cause)" }
}

extension StepDefinition {
    /// - Throws: when the answer has another number of rows than it must have.
    func check(_ answer: StepAnswer) throws {
        guard let rows, !rows.comparison.holds(Double(answer.count), Double(rows.count)) else { return }
        throw WrongAnswer(
            description: "the answer has \(answer.count) rows and should have \(rows.comparison.rawValue) \(rows.count)"
        )
    }
}

extension IsolationLevel {
    init(_ isolation: Isolation) {
        switch isolation {
        case .readCommitted: self = .readCommitted
        case .snapshot: self = .snapshot
        case .serializable: self = .serializable
        }
    }
}

extension TransactionPriority {
    init(_ priority: Priority) {
        switch priority {
        case .background: self = .background
        case .normal: self = .normal
        case .high: self = .high
        }
    }
}
