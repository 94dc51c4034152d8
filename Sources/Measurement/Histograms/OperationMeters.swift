import Synchronization

/// The meters of an application by name, each made when it is first asked for.
///
/// Whoever measures often keeps its meter: asking takes a lock.
public final class OperationMeters: Sendable {
    private let most: Int
    private let meters = Mutex<[OperationMeter.Name: OperationMeter]>([:])
    private let others = OperationMeter(.init(store: "other", operation: "other"))

    /// - Parameter most: how many names there may be. Those that come later share one meter with the name `other.other`, so that names made
    ///   from ever new ids don't fill the memory.
    public init(most: Int = 500) {
        self.most = most
    }

    /// The meter of an operation on a store.
    public func meter(store: String, operation: String) -> OperationMeter {
        let name = OperationMeter.Name(store: store, operation: operation)
        return meters.withLock { meters in
            if let meter = meters[name] { return meter }
            guard meters.count < most else { return others }
            let meter = OperationMeter(name)
            meters[name] = meter
            return meter
        }
    }

    /// All meters that were asked for, by name; the one that later names share is last.
    public var all: [OperationMeter] {
        let (known, isFull) = meters.withLock { ($0.values.sorted { $0.name < $1.name }, $0.count >= most) }
        return isFull ? known + [others] : known
    }
}
