/// What went wrong in the graph client. Every case says where, and its `description` what to do about it.
///
/// `description` holds statement texts but never parameter values, so it is safe to log.
public enum GraphError: Error, Sendable, Equatable {
    /// No library of the engine was found. `searched` lists each place in order.
    case engineNotFound(kind: GraphEngine.Kind, searched: [String])
    /// A library was found and can't be used: it doesn't load, lacks a function, or has a version with another interface.
    case engineUnusable(path: String, reason: String)
    /// The database can't be opened or created.
    case cannotOpen(path: String, reason: String)
    /// Another process, or another handle in this one, holds the database.
    case locked(path: String, holder: String)
    /// The engine refused or failed a statement. Inside a transaction, the transaction is gone.
    case statementFailed(statement: String, message: String)
    /// Trivet refused a statement before the engine saw it. An open transaction stays usable.
    case statementRefused(statement: String, reason: String)
    /// A parameter is missing, unknown, or has a value that the engine can't take. The engine did not see the statement.
    case invalidParameter(name: String, statement: String, reason: String)
    /// An earlier error ended the transaction; nothing more can run in its scope.
    case transactionAborted(cause: String)
    /// COMMIT failed in a way that doesn't tell whether the transaction is durable. Read back what it wrote.
    case commitInDoubt(message: String)
    /// A checkpoint, or a bulk load with its checkpoint, did damage, which was undone: the database is as it was before, with its log.
    case checkpointUndone(path: String, reason: String)
    /// The statement ran longer than its time limit and was stopped.
    case timedOut(statement: String, limit: Duration)
    /// The database was held by others for longer than the lock time limit.
    case busy(wanted: String, waited: Duration, holders: [String])
    /// The database or the session was closed before the call.
    case closed(String)
    /// A call that can't work where it was made, such as a transaction inside a transaction.
    case misuse(String)
    /// A result has fewer or other rows or columns than the caller asked for.
    case unexpectedResult(String)
}

extension GraphError {
    /// The same for the statement that the caller knows, where another one was run for it.
    func telling(of cypher: String) -> GraphError {
        switch self {
        case .statementFailed(_, let message): .statementFailed(statement: cypher, message: message)
        case .statementRefused(_, let reason): .statementRefused(statement: cypher, reason: reason)
        case .timedOut(_, let limit): .timedOut(statement: cypher, limit: limit)
        default: self
        }
    }
}

extension GraphError: CustomStringConvertible {
    /// What happened, where, and what to do.
    public var description: String {
        switch self {
        case .engineNotFound(let kind, let searched):
            """
            No \(kind.displayName) library found. Looked at: \(searched.joined(separator: ", ")). \
            Run scripts/bootstrap, or set \(kind.environmentVariable) to the library's path.
            """
        case .engineUnusable(let path, let reason):
            "The graph engine's library \(path) can't be used: \(reason)"
        case .cannotOpen(let path, let reason):
            "Can't open the graph database \(path): \(reason)"
        case .locked(let path, let holder):
            "The graph database \(path) is in use by \(holder). Close it there, or use another path."
        case .statementFailed(let statement, let message):
            "\(message)\n  in: \(GraphError.excerpt(statement))"
        case .statementRefused(let statement, let reason):
            "\(reason)\n  in: \(GraphError.excerpt(statement))"
        case .invalidParameter(let name, let statement, let reason):
            "Parameter $\(name): \(reason)\n  in: \(GraphError.excerpt(statement))"
        case .transactionAborted(let cause):
            "The transaction was rolled back by an earlier error, so nothing more can run in it: \(cause)"
        case .commitInDoubt(let message):
            "COMMIT failed, and whether it took effect is unknown (read back what it wrote): \(message)"
        case .checkpointUndone(let path, let reason):
            """
            The engine's checkpoint of \(path) was undone, because \(reason) \
            Nothing is lost: the database is as it was, and its log stays and grows. A later checkpoint, of other changes, may succeed.
            """
        case .timedOut(let statement, let limit):
            "Stopped after its time limit of \(limit)\n  in: \(GraphError.excerpt(statement))"
        case .busy(let wanted, let waited, let holders):
            "Waited \(waited) for \(wanted); held by: \(holders.isEmpty ? "nobody now" : holders.joined(separator: "; "))"
        case .closed(let what):
            "\(what) is closed"
        case .misuse(let reason), .unexpectedResult(let reason):
            reason
        }
    }

    /// Long statements are cut: an error should fit a log line.
    static func excerpt(_ statement: String) -> String {
        let limit = 500
        return statement.count <= limit ? statement : statement.prefix(limit) + "…"
    }
}
