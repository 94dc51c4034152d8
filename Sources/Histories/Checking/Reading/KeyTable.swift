/// Numbers for the keys, and who wrote what.
struct KeyTable {
    enum Kind {
        case list
        case register
    }

    /// Where a value came from.
    struct Write {
        /// The place of the writer among the transactions.
        let transaction: Int
        /// Whether the writer wrote nothing to the key after it.
        var isLast = true
    }

    private(set) var names: [String] = []
    private(set) var kinds: [Kind?] = []
    /// For each key, value by value.
    private(set) var writes: [[Int: Write]] = []
    private var numbers: [String: Int] = [:]
    private var noted = 0

    var count: Int { names.count }

    /// Takes in the next transaction's keys and writes.
    mutating func note(_ transaction: ObservedTransaction, _ problems: inout [HistoryProblem]) {
        for step in transaction.steps {
            let key = number(of: step.key)
            switch step {
            case .append(_, let value):
                note(.list, of: key, in: transaction, &problems)
                noteWrite(of: value, to: key, in: transaction, &problems)
            case .write(_, let value):
                note(.register, of: key, in: transaction, &problems)
                noteWrite(of: value, to: key, in: transaction, &problems)
            case .read(_, .list): note(.list, of: key, in: transaction, &problems)
            case .read(_, .register): note(.register, of: key, in: transaction, &problems)
            case .read(_, .nothing): break
            }
        }
        markReplaced(by: transaction)
        noted += 1
    }

    func accesses(of transaction: ObservedTransaction) -> [Access] {
        let knowsReads = transaction.outcome == .committed
        return transaction.steps.map { step in
            let key = numbers[step.key, default: 0]
            switch step {
            case .append(_, let value), .write(_, let value): return Access(key: key, action: .write(value))
            case .read(_, .list(let values)):
                return Access(key: key, action: knowsReads ? .readList(values) : .readUnknown)
            case .read(_, .register(let value)):
                return Access(key: key, action: knowsReads ? .readRegister(value) : .readUnknown)
            case .read(_, .nothing):
                guard knowsReads, let kind = kinds[key] else { return Access(key: key, action: .readUnknown) }
                return Access(key: key, action: kind == .list ? .readList([]) : .readRegister(nil))
            }
        }
    }

    private mutating func number(of name: String) -> Int {
        if let number = numbers[name] { return number }
        let number = names.count
        numbers[name] = number
        names.append(name)
        kinds.append(nil)
        writes.append([:])
        return number
    }

    private mutating func note(
        _ kind: Kind, of key: Int, in transaction: ObservedTransaction, _ problems: inout [HistoryProblem]
    ) {
        if let known = kinds[key], known != kind {
            problems.append(
                HistoryProblem(index: transaction.number, message: "\(names[key]) is used as a list and as a register"))
        }
        kinds[key] = kind
    }

    private mutating func noteWrite(
        of value: Int, to key: Int, in transaction: ObservedTransaction, _ problems: inout [HistoryProblem]
    ) {
        guard writes[key].updateValue(Write(transaction: noted), forKey: value) != nil else { return }
        problems.append(
            HistoryProblem(
                index: transaction.number,
                message: "\(value) is written to \(names[key]) a second time; nobody can tell whose it is"))
    }

    private mutating func markReplaced(by transaction: ObservedTransaction) {
        for (place, step) in transaction.steps.enumerated() {
            guard let value = step.written else { continue }
            let isReplaced = transaction.steps[(place + 1)...].contains { $0.written != nil && $0.key == step.key }
            if isReplaced { writes[number(of: step.key)][value]?.isLast = false }
        }
    }
}
