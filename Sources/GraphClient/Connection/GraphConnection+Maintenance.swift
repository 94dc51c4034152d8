extension GraphConnection {
    /// See ``GraphDatabase/checkpoint()``.
    func checkpoint() throws {
        try alone("a checkpoint") { try protectedCheckpoint() }
    }

    /// See ``GraphDatabase/bulkLoad(_:)``.
    func bulkLoad(_ cypher: String) throws {
        let statement = cache.text(cypher)
        guard statement.kind == .bulkLoad, statement.parameterNames.isEmpty else {
            throw GraphError.statementRefused(
                statement: cypher, reason: "bulkLoad takes COPY table FROM … or IMPORT DATABASE … without parameters.")
        }
        try alone("a bulk load") {
            // The rows go straight into the file, so the copy has to be older than they are.
            let copy = CheckpointCopy(ofDatabaseAt: database.path)
            try copy.make()
            do {
                try executeUnchecked(cypher, isInterruptible: true)
            } catch {
                try copy.delete()
                throw error
            }
            try executeUnchecked("CHECKPOINT")
            try copy.delete()
            database.schemaChanged()
        }
    }

    private func protectedCheckpoint() throws {
        let copy = CheckpointCopy(ofDatabaseAt: database.path)
        try copy.make()
        try executeUnchecked("CHECKPOINT")
        try copy.delete()
    }

    private func alone(_ purpose: String, _ body: () throws -> Void) throws {
        guard openTransaction == nil else { throw GraphError.misuse("\(purpose) can't run inside of a transaction.") }
        let pass = try enterGate(.exclusive, purpose: purpose)
        defer { leaveGate(pass) }
        try body()
    }
}
