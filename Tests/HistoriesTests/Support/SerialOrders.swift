@testable import Histories

/// All the ways in which the transactions of a tiny history could have run, tried one by one. It knows nothing of graphs.
struct SerialOrders {
    private struct Transaction {
        let steps: [MicroOperation]
        let began: Int
        let ended: Int
        /// Whether it may as well not have run, and what it read is not known.
        let isInDoubt: Bool
    }

    private let transactions: [Transaction]

    /// For histories without mistakes, of lists.
    init(_ history: History) {
        var open: [Int: HistoryOperation] = [:]
        var transactions: [Transaction] = []
        for operation in history.operations {
            if operation.kind == .invoke {
                open[operation.process] = operation
            } else if let begin = open.removeValue(forKey: operation.process), operation.kind != .fail {
                let isInDoubt = operation.kind == .info
                transactions.append(
                    Transaction(
                        steps: operation.value, began: begin.index, ended: isInDoubt ? .max : operation.index,
                        isInDoubt: isInDoubt))
            }
        }
        self.transactions = transactions
    }

    /// Whether some order of all that committed, and some of what is in doubt, explains every read.
    func exists(inRealTime: Bool) -> Bool {
        tryNext(Array(transactions.indices), [:], inRealTime)
    }

    private func tryNext(_ left: [Int], _ state: [String: [Int]], _ inRealTime: Bool) -> Bool {
        if left.allSatisfy({ transactions[$0].isInDoubt }) { return true }
        for next in left {
            if inRealTime, left.contains(where: { transactions[$0].ended < transactions[next].began }) { continue }
            guard let after = run(transactions[next], on: state) else { continue }
            if tryNext(left.filter { $0 != next }, after, inRealTime) { return true }
        }
        return false
    }

    private func run(_ transaction: Transaction, on state: [String: [Int]]) -> [String: [Int]]? {
        var state = state
        for step in transaction.steps {
            switch step {
            case .append(let key, let value), .write(let key, let value): state[key, default: []].append(value)
            case .read(let key, .list(let list)):
                if !transaction.isInDoubt, state[key, default: []] != list { return nil }
            case .read(let key, .register(let value)):
                if !transaction.isInDoubt, state[key]?.last != value { return nil }
            case .read(let key, .nothing):
                if !transaction.isInDoubt, !state[key, default: []].isEmpty { return nil }
            }
        }
        return state
    }
}

extension SerialOrders {
    /// Whether some order of begins and commits explains every read by the snapshot at its begin, where of two transactions that write one
    /// key the second begins after the first has committed.
    func snapshotsExist() -> Bool {
        trySnapshots(Array(transactions.indices), [], [:])
    }

    private func trySnapshots(_ left: [Int], _ running: [(Int, [String: [Int]])], _ state: [String: [Int]]) -> Bool {
        if running.isEmpty, left.allSatisfy({ transactions[$0].isInDoubt }) { return true }
        for (place, (number, snapshot)) in running.enumerated() {
            let transaction = transactions[number]
            let written = Set(transaction.steps.filter { !$0.isRead }.map(\.key))
            guard written.allSatisfy({ state[$0, default: []] == snapshot[$0, default: []] }) else { continue }
            guard let after = run(transaction, on: snapshot) else { continue }
            var others = running
            others.remove(at: place)
            if trySnapshots(left, others, state.merging(after.filter { written.contains($0.key) }) { $1 }) {
                return true
            }
        }
        for next in left where trySnapshots(left.filter({ $0 != next }), running + [(next, state)], state) {
            return true
        }
        return false
    }
}
