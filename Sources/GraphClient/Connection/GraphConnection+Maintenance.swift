import Failpoints

extension GraphConnection {
    /// See ``GraphDatabase/checkpoint()``.
    ///
    /// Alone with every engine: beside a reader Kùzu's fails (H3), and LadybugDB's leaves a log that is read wrongly after a crash
    /// within the next one (H19).
    func checkpoint() throws {
        try alone("a checkpoint") {
            let isCopied = database.engine.capabilities.needsCopyForCheckpoint
            try withCopy(if: isCopied) { try executeUnchecked("CHECKPOINT") }
        }
    }

    /// See ``GraphDatabase/bulkLoad(_:)``.
    func bulkLoad(_ cypher: String) throws {
        let statement = cache.text(cypher)
        guard statement.kind == .bulkLoad, statement.parameters.isEmpty else {
            throw GraphError.statementRefused(
                statement: cypher, reason: "bulkLoad takes COPY table FROM … or IMPORT DATABASE … without parameters.")
        }
        try alone("a bulk load") {
            // The rows go straight into the file, so the copy has to be older than they are.
            try withCopy(if: true) {
                try database.changingSchema { try executeUnchecked(cypher, isInterruptible: true) }
                try executeUnchecked("CHECKPOINT")
            }
        }
    }

    /// Keeps a copy of the database while `body` does what a crash within could destroy it by, if the engine needs one.
    private func withCopy(if isNeeded: Bool, _ body: () throws -> Void) throws {
        let copy = CheckpointCopy(ofDatabaseAt: database.path)
        Failpoint.checkpointBefore.pass()
        if isNeeded { try copy.make() }
        Failpoint.checkpointCopied.pass()
        let outcome = Result(catching: body)
        Failpoint.checkpointMade.pass()
        // Also after an error, from which the engine recovers by itself: a copy that stayed would take the place of all that is
        // written from now on.
        do {
            if isNeeded { try copy.delete() }
        } catch {
            database.refuseWrites(
                "The copy from before a checkpoint can't be deleted (\(error)), and would replace later writes at the next opening. "
                    + "Close the database, delete \(copy.folder), and open it again.")
            throw error
        }
        Failpoint.checkpointAfter.pass()
        try outcome.get()
        database.wasCheckpointed()
    }

    private func alone(_ purpose: String, _ body: () throws -> Void) throws {
        guard openTransaction == nil else { throw GraphError.misuse("\(purpose) can't run inside of a transaction.") }
        try database.checkWritable(purpose)
        let pass = try enterGate(.exclusive, purpose: purpose)
        defer { leaveGate(pass) }
        try body()
    }
}
