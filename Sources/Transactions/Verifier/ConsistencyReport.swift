public import Stores

/// What a ``ConsistencyVerifier`` found.
public struct ConsistencyReport: Sendable, Hashable, Codable {
    /// What one mapping came to.
    public struct Part: Sendable, Hashable, Codable {
        /// The mapping's name.
        public var mapping: String
        /// Rows of SQLite that were compared.
        public var rows = 0
        /// Nodes or relationships that were compared.
        public var graphElements = 0
        /// Keys of Redis that rows should have, and those found besides.
        public var keys = 0
        /// Differences, listed or not.
        public var differences = 0
        /// Keys that the ``CacheSynchronizer`` has still to bring up to date.
        public var pending = 0
    }

    /// One for each mapping.
    public var parts: [Part] = []
    /// The differences, in the order in which they were found; at most as many as the verifier's configuration says.
    public var differences: [Difference] = []
    /// Snapshots that were taken.
    public var snapshots = 0
    /// How long it took.
    public var seconds = 0.0

    /// All differences, listed or not.
    public var differenceCount: Int { parts.reduce(0) { $0 + $1.differences } }
    /// All keys that are still to be brought up to date.
    public var pending: Int { parts.reduce(0) { $0 + $1.pending } }
    /// Whether the stores agree, but for what is still under way.
    public var isConsistent: Bool { differenceCount == 0 }
}

/// One place where the stores do not agree.
public struct Difference: Sendable, Hashable, Codable {
    /// In what way.
    public enum Kind: String, Sendable, Hashable, Codable {
        /// The row is there, and what stands for it is not.
        case missing
        /// There is something that stands for a row, and no such row.
        case extra
        /// They hold different values.
        case different
    }

    /// The mapping's name.
    public var mapping: String
    /// The store that does not agree with SQLite.
    public var store: StoreKind
    /// In what way.
    public var kind: Kind
    /// Which one: `User id=7`, `user:7`.
    public var key: String
    /// The property or field; nil for the whole.
    public var field: String?
    /// What it should be, after SQLite; nil for nothing.
    public var expected: String?
    /// What it is; nil for nothing.
    public var found: String?
}

extension Difference: CustomStringConvertible {
    /// In one line.
    public var description: String {
        let name = store == .graph ? "graph" : store.rawValue
        let subject = "\(mapping): \(name) \(key)" + (field.map { ".\($0)" } ?? "")
        return switch kind {
        case .missing: "\(subject) is missing; expected \(expected ?? "it")"
        case .extra: "\(subject) is there, and no row for it" + (found.map { ": \($0)" } ?? "")
        case .different: "\(subject) is \(found ?? "nothing"); expected \(expected ?? "nothing")"
        }
    }
}
