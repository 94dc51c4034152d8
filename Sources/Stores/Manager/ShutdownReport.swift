public import Pooling

/// How the shutdown of all stores went.
public struct ShutdownReport: Sendable, Hashable {
    /// What was left of each store at the deadline.
    public let stores: [StoreKind: PoolDrainReport]

    /// Whether everything was given back and closed in time.
    public var isComplete: Bool { stores.values.allSatisfy(\.isComplete) }
}

extension ShutdownReport: CustomStringConvertible {
    /// A sentence for each store that was not done in time.
    public var description: String {
        let parts = StoreKind.allCases.compactMap { kind -> String? in
            guard let report = stores[kind], !report.isComplete else { return nil }
            let holders = report.remainingHolders.prefix(5).map(\.description).joined(separator: "; ")
            return """
                \(kind.rawValue): \(report.remainingHolders.count) connections in use\(holders.isEmpty ? "" : " (\(holders))"), \
                \(report.refusedWaiters) tasks waiting, \(report.unfinishedOperations) operations unfinished
                """
        }
        return parts.isEmpty ? "everything was given back and closed" : parts.joined(separator: ". ")
    }
}
