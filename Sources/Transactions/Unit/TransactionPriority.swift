/// Who goes first where several transactions wait to begin, or for the same lock. Within a priority, whoever waits
/// longest.
///
/// Those that share a commit don't wait for others of a lower priority. So transactions that need an answer soon are not
/// held up by those that don't, and a load of many priorities has fewer transactions to a commit.
public enum TransactionPriority: Int, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Work that nobody waits for, such as imports and clean-ups: it lets others go first.
    case background
    /// The standard.
    case normal
    /// Somebody waits for it.
    case high

    /// By their urgency.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
