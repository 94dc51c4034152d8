/// A decision to move connections between stores (P7).
public struct RebalancingMove: Sendable, Hashable, Codable {
    /// Why.
    public enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
        /// Tasks wait for the receiver's connections.
        case waiting
        /// Nearly all of the receiver's connections are in use, and few of the giver's.
        case utilization
        /// Tasks wait for the receiver, which has had its least for long; the giver is the largest.
        case starvation
        /// The receiver was down, and gets back what was lent meanwhile.
        case returned
    }

    /// The store that gives; nil for connections of the budget that no store had.
    public let from: StoreKind?
    /// The store that gets them, once the giver has closed them.
    public let to: StoreKind
    /// How many, at least 1.
    public let count: Int
    /// Why.
    public let reason: Reason
    /// The figures behind the reason, for people.
    public let detail: String
}

extension RebalancingMove: CustomStringConvertible {
    /// One line with everything.
    public var description: String {
        "\(count) from \(from?.rawValue ?? "the unused budget") to \(to.rawValue) (\(reason.rawValue): \(detail))"
    }
}
