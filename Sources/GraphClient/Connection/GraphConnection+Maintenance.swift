extension GraphConnection {
    /// See ``GraphDatabase/checkpoint()``.
    ///
    /// Alone with every engine: beside a reader Kùzu's fails (H3), and LadybugDB's leaves a log that is read wrongly after a crash
    /// within the next one (H19).
    func checkpoint() throws {
        try alone("a checkpoint") { try moveLog() }
    }

    /// Moves the log into the file, with nothing to go back to if the engine does damage: for a database that nobody has yet, and that is
    /// compared with what it was made of before anybody gets it.
    package func checkpointUnguarded() throws {
        try alone("a checkpoint") {
            try executeUnchecked("CHECKPOINT")
            try reopenDatabase()
        }
    }

    /// Puts the rows in order whose changes were rolled back (H17): by opening the database again, or with a checkpoint where
    /// reading the log back would take longer than that.
    /// - Returns: whether a checkpoint was made.
    func renewRows() throws -> Bool {
        var isCheckpointed = false
        try alone("the end of a rollback") {
            // Another session may have done it meanwhile.
            guard database.needsCheckpoint else { return }
            guard database.isLogLong else { return try reopenDatabase() }
            do {
                try moveLog()
                isCheckpointed = true
            } catch GraphError.checkpointUndone {
                // Which has opened the database again.
            }
        }
        return isCheckpointed
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
            try moveLog { try database.changingSchema { try executeUnchecked(cypher, isInterruptible: true) } }
        }
    }

    /// Opens the database again; the caller is alone at the gate.
    func reopenDatabase(meanwhile: () throws -> Void = {}) throws {
        try database.reopen(meanwhile: meanwhile)
        try reconnect()
    }

    private func alone(_ purpose: String, _ body: () throws -> Void) throws {
        guard openTransaction == nil else { throw GraphError.misuse("\(purpose) can't run inside of a transaction.") }
        try database.checkWritable(purpose)
        let pass = try enterGate(.exclusive, purpose: purpose)
        defer { leaveGate(pass) }
        try body()
    }
}
