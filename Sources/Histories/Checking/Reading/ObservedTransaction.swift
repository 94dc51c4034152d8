/// A transaction as its client saw it: what it asked for, what it got, and when.
struct ObservedTransaction {
    enum Outcome {
        case committed
        case failed
        case inDoubt
    }

    /// The index of its invocation, which is its name.
    let number: Int
    let process: Int
    let outcome: Outcome
    /// The index of its end; nil if it was in doubt: it may take effect at any later time.
    let ended: Int?
    /// With results if it committed, else as asked.
    let steps: [MicroOperation]
    /// The same with numbers for keys.
    var accesses: [Access] = []

    var name: String { "T\(number)" }

    /// The transaction on one line, its long lists shortened.
    var summary: String {
        let outcome =
            switch outcome {
            case .committed: "ok"
            case .failed: "failed"
            case .inDoubt: "in doubt"
            }
        return "\(name), process \(process), \(outcome): [\(steps.map(\.shortDescription).joined(separator: " "))]"
    }
}

/// What a step did to a key.
struct Access {
    enum Action {
        case write(Int)
        case readList([Int])
        /// Nil for a register that nobody has written.
        case readRegister(Int?)
        /// A read whose result isn't known.
        case readUnknown
    }

    let key: Int
    let action: Action
    /// What is written. (Kept beside the action: Swift 6.3.1's optimiser fails on code that takes it out of there.)
    let written: Int?

    init(key: Int, action: Action) {
        self.key = key
        self.action = action
        written = if case .write(let value) = action { value } else { nil }
    }
}

extension MicroOperation {
    var shortDescription: String {
        guard case .read(let key, .list(let values)) = self else { return description }
        return "[:r \"\(key)\" \(values.shortDescription)]"
    }
}

extension [Int] {
    /// A list in EDN with at most its last six values.
    var shortDescription: String {
        let shown = suffix(6).map(String.init).joined(separator: " ")
        return count > 6 ? "[… \(shown)]" : "[\(shown)]"
    }
}
