/// The kinds of store that Trivet keeps together.
public enum StoreKind: String, Sendable, Hashable, CaseIterable, Codable {
    /// Records.
    case sqlite
    /// Relationships.
    case graph
    /// Hot data.
    case redis

    /// All of them.
    public static let all = Set(allCases)
}
