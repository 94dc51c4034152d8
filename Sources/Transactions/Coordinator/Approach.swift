import Synchronization

/// Transactions on their way to the lane, which it does not know of yet, by priority.
///
/// Where bodies are short and wait for nothing, this is where transactions wait, and not at the locks: the lane takes
/// them one after the other.
struct Approach: ~Copyable, Sendable {
    private let background = Atomic(0)
    private let normal = Atomic(0)
    private let high = Atomic(0)

    var isEmpty: Bool { count(from: .background) == 0 }

    /// How many have a priority, or a higher one.
    func count(from priority: TransactionPriority) -> Int {
        switch priority {
        case .background: background.load(ordering: .relaxed) + count(from: .normal)
        case .normal: normal.load(ordering: .relaxed) + count(from: .high)
        case .high: high.load(ordering: .relaxed)
        }
    }

    /// How many have a higher priority.
    func count(above priority: TransactionPriority) -> Int {
        switch priority {
        case .background: count(from: .normal)
        case .normal: count(from: .high)
        case .high: 0
        }
    }

    func begin(_ priority: TransactionPriority) { change(priority, by: 1) }
    func end(_ priority: TransactionPriority) { change(priority, by: -1) }

    private func change(_ priority: TransactionPriority, by amount: Int) {
        switch priority {
        case .background: background.add(amount, ordering: .relaxed)
        case .normal: normal.add(amount, ordering: .relaxed)
        case .high: high.add(amount, ordering: .relaxed)
        }
    }
}
