import Stores

/// What is in the stores after recovery.
package struct CrashState: Sendable, Hashable {
    /// One store.
    struct Part: Sendable, Hashable {
        /// The units that it has, by their places in it, which count from 1.
        var log: [Entry] = []
        var contents: CrashContents = [:]
        /// Whose it is; nil for nobody's.
        var identity: String?
        /// The last number that it has by its own account.
        var marker: UInt64 = 0
        var epoch = 0
    }

    struct Entry: Sendable, Hashable {
        var position: Int
        var unit: Int
    }

    var parts: [StoreKind: Part] = [:]
    /// Units by idempotency key, as SQLite has them.
    var results: [String: Int] = [:]
    /// What the journal still says of the other stores: the last number that each must have.
    var lastInJournal: [StoreKind: UInt64] = [:]
    /// Up to which number the journal's rows are gone.
    var trimmed: UInt64 = 0
    /// Keys that ought to vanish and never do.
    var everlasting: [String] = []

    func units(in store: StoreKind) -> [Int] { parts[store]?.log.map(\.unit) ?? [] }
}
