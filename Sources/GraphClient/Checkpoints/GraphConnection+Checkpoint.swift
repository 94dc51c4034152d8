import CGraphEngine
import Failpoints

extension GraphConnection {
    /// How an attempt to move the log into the file ended.
    private enum Outcome {
        /// The file holds what the log held.
        case done
        /// The engine has changed nothing.
        case refused(any Error)
        /// It has done damage; whether that is of the kind that ``refreshRelationships(of:)`` prevents.
        case damaged(reason: String, isPreventable: Bool)
    }

    /// Moves the log into the file, and makes sure that nothing is lost by that: after it the database is opened again, since the engine's
    /// memory is not to be trusted then (H20), and compared with what it was (H21, H23). If it is not the same, the copy from
    /// before takes its place.
    ///
    /// The caller is alone at the gate.
    /// - Parameter load: done first; undone with the rest.
    func moveLog(after load: () throws -> Void = {}) throws {
        let copy = CheckpointCopy(ofDatabaseAt: database.path)
        Failpoint.checkpointBefore.pass()
        try copy.make()
        Failpoint.checkpointCopied.pass()
        var isRefreshed = database.needsRefresh
        while true {
            switch try outcome(refreshing: isRefreshed, copy, load) {
            case .done:
                try delete(copy)
                database.checkpointWasMade()
                // A changed property takes some 8 KB until now, in pieces that the C library would keep: a process that changes many grew by some hundred
                // megabytes with each of its first checkpoints.
                graph_engine_return_memory()
                Failpoint.checkpointAfter.pass()
                return
            case .refused(let error):
                try delete(copy)
                throw error
            case .damaged(let reason, let isPreventable):
                try putBack(copy, reason)
                guard isPreventable, !isRefreshed else {
                    try delete(copy)
                    database.checkpointWasUndone()
                    throw GraphError.checkpointUndone(path: database.path, reason: reason)
                }
                isRefreshed = true
                database.refreshWasNeeded()
            }
        }
    }

    private func outcome(
        refreshing: Bool, _ copy: CheckpointCopy, _ load: () throws -> Void
    ) throws -> Outcome {
        let before: DatabaseDigest
        do {
            try load()
            let catalog = try TableCatalog(query: placedQuery)
            before = try DatabaseDigest(catalog, query: placedQuery)
            if refreshing { try refreshRelationships(of: catalog) }
        } catch {
            // What was refreshed without success is in the engine's memory only.
            return .refused(error)
        }
        do {
            try executeUnchecked("CHECKPOINT")
        } catch {
            // It met a transaction (H3), and has not begun.
            if case GraphError.statementFailed(_, let message) = error,
                message.contains("to leave the system before checkpointing")
            {
                return .refused(error)
            }
            return .damaged(reason: "it failed: \(error)", isPreventable: false)
        }
        Failpoint.checkpointMade.pass()
        do {
            try reopenDatabase()
            let after = try DatabaseDigest(TableCatalog(query: placedQuery), query: placedQuery)
            let differences = after.differences(from: before)
            if differences.isEmpty { return .done }
            return .damaged(
                reason: "it changed what it should only have moved: \(differences.joined(separator: "; ")).",
                isPreventable: differences.allSatisfy { $0.hasPrefix("the relationships") })
        } catch {
            return .damaged(reason: "the database can't be read after it: \(error)", isPreventable: false)
        }
    }

    /// The rows of one of Trivet's own statements, for a caller that has a place. Not interruptible: a checkpoint is not left half-way.
    private func placedQuery(_ cypher: String) throws -> [GraphRow] {
        var result = try call(cypher, isInterruptible: false)
        var rows = RowCursor(taking: &result, of: nil, engine: engine)
        return try rows.readAll().map { $0 }
    }

    /// The database and its log as they were before, durably. The copy stays.
    private func putBack(_ copy: CheckpointCopy, _ reason: String) throws {
        do {
            try reopenDatabase { _ = try copy.restoreIfPresent() }
        } catch {
            throw GraphError.cannotOpen(
                path: database.path,
                reason: """
                    a checkpoint was to be undone, because \(reason) That failed: \(error) Close it and open it anew: \
                    the copy from before is in \(copy.folder), and is put back then.
                    """)
        }
    }

    private func delete(_ copy: CheckpointCopy) throws {
        do {
            try copy.delete()
        } catch {
            database.refuseWrites(
                "The copy from before a checkpoint can't be deleted (\(error)), and would replace later writes at the next opening. "
                    + "Close the database, delete \(copy.folder), and open it again.")
            throw error
        }
    }
}
