/// Why a ``PoolManager`` can't be opened or used.
public struct PoolManagerError: Error, Sendable {
    /// The kinds of error. New ones can be added, so a `switch` needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The name.
        public let description: String

        private init(_ name: String) {
            self.description = name
        }

        /// A store can't be opened, or does not answer; ``PoolManagerError/failures`` says which and why.
        public static let openFailed = Code("openFailed")
        /// The store is not configured.
        public static let notConfigured = Code("notConfigured")
        /// The connection budget is less than the stores' minimum sizes together.
        public static let budgetTooSmall = Code("budgetTooSmall")
        /// The manager is run twice.
        public static let alreadyRunning = Code("alreadyRunning")
    }

    /// What went wrong with one store.
    public struct Failure: Sendable, CustomStringConvertible {
        /// The store.
        public let store: StoreKind
        /// Its error.
        public let error: any Error

        /// Store and error.
        public var description: String { "\(store.rawValue): \(error)" }
    }

    /// The kind.
    public let code: Code
    /// The cause and what to do, in a sentence or two.
    public let message: String
    /// Each store that failed; none for other kinds of error.
    public let failures: [Failure]

    init(_ code: Code, _ message: String, failures: [Failure] = []) {
        self.code = code
        self.message = message
        self.failures = failures
    }
}

extension PoolManagerError: CustomStringConvertible {
    /// Code, message, and a line for each store that failed.
    public var description: String {
        (["\(code): \(message)"] + failures.map { "  \($0)" }).joined(separator: "\n")
    }
}

extension PoolManagerError {
    static func openFailed(_ failures: [Failure], opened: [StoreKind]) -> PoolManagerError {
        let closed =
            opened.isEmpty ? "" : " What was open is closed again: \(opened.map(\.rawValue).joined(separator: ", "))."
        return PoolManagerError(
            .openFailed,
            "\(failures.count == 1 ? "one store" : "\(failures.count) stores") can't be opened.\(closed)",
            failures: failures)
    }

    static func notConfigured(_ store: String, keys: String) -> PoolManagerError {
        PoolManagerError(
            .notConfigured, "\(store) is not configured: set \(keys) (or StoresConfiguration's property of that name)")
    }

    static func budgetTooSmall(_ budget: Int, _ stores: [any StorePools]) -> PoolManagerError {
        let parts = stores.map { "\($0.kind.rawValue) \($0.connectionBounds.lowerBound)" }.joined(separator: ", ")
        let least = stores.reduce(0) { $0 + $1.connectionBounds.lowerBound }
        return PoolManagerError(
            .budgetTooSmall,
            """
            connectionBudget is \(budget), and the stores need at least \(least) (\(parts)). Raise it, or lower the stores' minimum sizes.
            """)
    }

    static let alreadyRunning = PoolManagerError(
        .alreadyRunning, "run() is called twice. Add the manager to one service group, once.")
}
