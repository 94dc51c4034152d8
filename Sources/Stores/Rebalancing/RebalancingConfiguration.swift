/// How connections are moved between stores (P7).
public struct RebalancingConfiguration: Sendable, Hashable {
    /// Whether connections are moved at all. Default true; without a budget below what the stores may have at most there is nothing to
    /// move.
    public var isEnabled = true
    /// How often the stores' loads are looked at. Default 1 s.
    public var interval: Duration = .seconds(1)
    /// At how many looks in a row a store has to need more before it gets more. Default 2, at least 1.
    public var patience = 2
    /// The most connections moved at one look. Default 5, at least 1.
    public var maximumStep = 5
    /// How long a store that gave connections away gets none, and one that got some gives none. Default 5 s. It doubles, up to 16 times
    /// this, each time that a store soon goes the other way after all.
    public var coolDown: Duration = .seconds(5)

    /// The defaults that stand at each property.
    public init() {}
}
