/// Numbers the operations of a history as they happen, and holds clients to its rules: a process does one thing at a time, and nothing
/// after it ended in doubt.
package struct HistoryLog: Sendable {
    /// The index of the next operation.
    package private(set) var nextIndex = 0
    /// A process that nobody has been yet.
    package private(set) var nextProcess = 0
    /// The time of the last operation, in nanoseconds.
    package private(set) var lastTime = 0
    /// What each busy process is at.
    package private(set) var open: [Int: [MicroOperation]] = [:]
    private var ended: Set<Int> = []

    /// Goes on after a history that was recorded before.
    package init(continuing history: History = History()) {
        for operation in history.operations {
            nextIndex = max(nextIndex, operation.index + 1)
            nextProcess = max(nextProcess, operation.process + 1)
            lastTime = max(lastTime, operation.time)
            open[operation.process] = operation.kind == .invoke ? operation.value : nil
            if operation.kind == .info { ended.insert(operation.process) }
        }
    }

    package mutating func newProcess() -> Int {
        defer { nextProcess += 1 }
        return nextProcess
    }

    package mutating func invoke(
        _ value: [MicroOperation], process: Int, time: Int
    ) throws(HistoryMisuse) -> HistoryOperation {
        guard !ended.contains(process) else { throw .processEnded(process) }
        guard open[process] == nil else { throw .processIsBusy(process) }
        open[process] = value.map(\.request)
        nextProcess = max(nextProcess, process + 1)
        return next(.invoke, process: process, time: time, value: value.map(\.request))
    }

    package mutating func complete(
        _ outcome: TransactionOutcome, process: Int, time: Int
    ) throws(HistoryMisuse) -> HistoryOperation {
        guard let asked = open[process] else { throw .nothingToComplete(process) }
        switch outcome {
        case .ok(let value):
            guard value.map(\.request) == asked else { throw .otherTransaction(process) }
            open[process] = nil
            return next(.ok, process: process, time: time, value: value)
        case .fail:
            open[process] = nil
            return next(.fail, process: process, time: time, value: asked)
        case .info:
            open[process] = nil
            ended.insert(process)
            return next(.info, process: process, time: time, value: asked)
        }
    }

    /// Ends in doubt whatever is open, for processes that are no more.
    package mutating func abandonOpen(time: Int) -> [HistoryOperation] {
        open.keys.sorted().compactMap { try? complete(.info, process: $0, time: time) }
    }

    private mutating func next(
        _ kind: HistoryOperation.Kind, process: Int, time: Int, value: [MicroOperation]
    ) -> HistoryOperation {
        defer { nextIndex += 1 }
        lastTime = max(lastTime, time)
        return HistoryOperation(index: nextIndex, kind: kind, process: process, time: lastTime, value: value)
    }
}

/// How a transaction ended, as its client knows it.
package enum TransactionOutcome: Sendable, Hashable {
    /// It took effect; with what its reads returned.
    case ok([MicroOperation])
    /// It took no effect, and never will.
    case fail
    /// Nobody knows.
    case info
}

/// A mistake of the program that records a history.
package enum HistoryMisuse: Error, Sendable, Hashable, CustomStringConvertible {
    case processIsBusy(Int)
    case processEnded(Int)
    case nothingToComplete(Int)
    case otherTransaction(Int)

    package var description: String {
        switch self {
        case .processIsBusy(let process): "process \(process) invokes a transaction while it is within another one"
        case .processEnded(let process):
            "process \(process) ended in doubt (:info); take a new process for what follows"
        case .nothingToComplete(let process): "process \(process) completes a transaction that it never invoked"
        case .otherTransaction(let process): "process \(process) completes another transaction than it invoked"
        }
    }
}
