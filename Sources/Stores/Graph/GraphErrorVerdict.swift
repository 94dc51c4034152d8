import GraphClient
import Pooling

extension GraphSession: PoolableConnection {
    /// Whether the session is open, and neither lost its connection nor left a transaction open.
    public nonisolated var isUsable: Bool { isIntact }
}

extension ErrorVerdict {
    /// What an error in a session's scope says about its connection to the graph database.
    static func graph(_ error: any Error) -> ErrorVerdict {
        guard let error = error as? GraphError else { return .validate }
        switch error {
        // Nothing of these reached the engine, or they tell of others.
        case .statementRefused, .invalidParameter, .busy, .misuse, .unexpectedResult: return .keep
        case .statementFailed(_, let message): return isStatementsFault(message) ? .keep : .validate
        // The engine stopped in the middle of something.
        case .timedOut, .transactionAborted, .checkpointUndone: return .validate
        case .commitInDoubt, .closed, .locked, .cannotOpen, .engineNotFound, .engineUnusable: return .discard
        }
    }

    /// The engine names the part of it that refused a statement at the beginning of its message.
    private static func isStatementsFault(_ message: String) -> Bool {
        ["Parser", "Binder", "Catalog", "Conversion", "Overflow", "Runtime", "Function"].contains {
            message.hasPrefix("\($0) exception")
        }
    }
}
