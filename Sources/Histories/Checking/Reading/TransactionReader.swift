/// Puts invocations and their ends together, and checks on the way that the history was recorded by the rules.
struct TransactionReader {
    private(set) var transactions: [ObservedTransaction] = []
    private(set) var problems: [HistoryProblem] = []
    private(set) var keys = KeyTable()

    init(_ history: History) {
        pair(history)
        for index in transactions.indices { keys.note(transactions[index], &problems) }
        guard problems.isEmpty else { return }
        for index in transactions.indices { transactions[index].accesses = keys.accesses(of: transactions[index]) }
    }

    private mutating func pair(_ history: History) {
        /// The place in `transactions` of what a process is at.
        var open: [Int: Int] = [:]
        var inDoubt: Set<Int> = []
        var lastIndex: Int?
        for operation in history.operations {
            if let lastIndex, operation.index <= lastIndex {
                report(operation, "its index does not come after the one before, \(lastIndex)")
            }
            lastIndex = operation.index
            let process = operation.process
            guard operation.kind != .invoke else {
                if inDoubt.contains(process) { report(operation, "process \(process) goes on after it ended in doubt") }
                if open[process] != nil {
                    report(operation, "process \(process) invokes while it is within a transaction")
                }
                open[process] = transactions.count
                // In doubt, until its end is seen.
                transactions.append(
                    ObservedTransaction(
                        number: operation.index, process: process, outcome: .inDoubt, ended: nil,
                        steps: operation.value))
                continue
            }
            guard let place = open.removeValue(forKey: process) else {
                report(operation, "process \(process) ends a transaction that it never invoked")
                continue
            }
            let asked = transactions[place].steps
            if operation.kind == .info {
                inDoubt.insert(process)
                continue
            }
            if operation.value.map(\.request) != asked.map(\.request) {
                report(operation, "it is not the transaction that process \(process) invoked")
            }
            transactions[place] = ObservedTransaction(
                number: transactions[place].number, process: process,
                outcome: operation.kind == .ok ? .committed : .failed, ended: operation.index,
                steps: operation.kind == .ok ? operation.value : asked)
        }
    }

    private mutating func report(_ operation: HistoryOperation, _ message: String) {
        problems.append(HistoryProblem(index: operation.index, message: message))
    }
}
