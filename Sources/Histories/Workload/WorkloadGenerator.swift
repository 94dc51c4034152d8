import Measurement

/// Makes the transactions of a workload: the same ones for the same seed.
///
/// Half of the steps read. A value is given to its key once, whatever becomes of the transaction.
package struct WorkloadGenerator: Sendable {
    package let shape: WorkloadShape
    /// The keys that transactions choose from.
    package private(set) var alive: [String] = []
    /// All keys that anything was ever asked of, in the order of their first use.
    package private(set) var keys: [String] = []

    private var nextValue: [String: Int] = [:]
    private var nextKey = 0
    private var random: SplitMix64

    /// - Parameter history: what was done before on the same stores; keys that have room go on, values and keys stay unique.
    package init(_ shape: WorkloadShape, seed: UInt64, continuing history: History = History()) {
        self.shape = shape
        random = SplitMix64(seed: seed)
        resume(history)
        while alive.count < shape.keysAlive { alive.append(makeKey()) }
    }

    /// The next transaction, its reads still without results.
    package mutating func next() -> [MicroOperation] {
        let count = Int.random(in: shape.microOperations, using: &random)
        return (0..<count).map { _ in nextMicroOperation() }
    }

    /// Transactions that between them read every key there ever was. Run when nothing else runs, they show what was lost.
    package func finalReads() -> [[MicroOperation]] {
        stride(from: 0, to: keys.count, by: shape.microOperations.upperBound).map { start in
            keys[start..<min(start + shape.microOperations.upperBound, keys.count)].map { .read(key: $0, .nothing) }
        }
    }

    private mutating func nextMicroOperation() -> MicroOperation {
        let slot = Int.random(in: 0..<alive.count, using: &random)
        let key = alive[slot]
        if Bool.random(using: &random) { return .read(key: key, .nothing) }
        let value = nextValue[key, default: 1]
        nextValue[key] = value + 1
        if value >= shape.writesPerKey { alive[slot] = makeKey() }
        switch shape.kind {
        case .listAppend: return .append(key: key, value: value)
        case .register: return .write(key: key, value: value)
        }
    }

    private mutating func makeKey() -> String {
        let key = "\(shape.stores[nextKey % shape.stores.count])/\(nextKey)"
        nextKey += 1
        nextValue[key] = 1
        keys.append(key)
        return key
    }

    private mutating func resume(_ history: History) {
        var kinds: [String: WorkloadShape.Kind] = [:]
        for step in history.operations.lazy.flatMap(\.value) {
            let key = step.key
            if nextValue[key] == nil {
                nextValue[key] = 1
                keys.append(key)
                nextKey = max(nextKey, Self.number(of: key).map { $0 + 1 } ?? 0)
            }
            switch step {
            case .append(_, let value), .write(_, let value):
                nextValue[key] = max(nextValue[key, default: 1], value + 1)
            case .read: break
            }
            switch step {
            case .append, .read(_, .list): kinds[key] = .listAppend
            case .write, .read(_, .register): kinds[key] = .register
            case .read(_, .nothing): break
            }
        }
        // A key that was only read could be of either kind; those of the other kind, and of other stores, are left alone.
        let usable = keys.filter { key in
            kinds[key] == shape.kind && nextValue[key, default: 1] <= shape.writesPerKey
                && shape.stores.contains { key.hasPrefix($0 + "/") }
        }
        alive = usable.suffix(shape.keysAlive)
    }

    private static func number(of key: String) -> Int? {
        key.split(separator: "/").last.flatMap { Int($0) }
    }
}

extension Collection where Element == MicroOperation {
    /// Whether a transaction of these steps can run as a snapshot.
    package var isReadOnly: Bool { allSatisfy(\.isRead) }
}
