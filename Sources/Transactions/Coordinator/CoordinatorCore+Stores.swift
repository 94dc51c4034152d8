import GraphClient
import Stores

extension CoordinatorCore {
    /// Locks a store for a unit and begins its physical transaction, if that is not done yet.
    ///
    /// - Parameter forUser: whether the body's statements will run there, and not only the coordinator's own.
    func enter(_ id: UnitID, _ store: StoreKind, forUser: Bool = true) async throws {
        while try live(id).opening.contains(store) { await turn(try live(id)) { $0.opening.contains(store) } }
        let unit = try live(id)
        try checkScope(unit)
        if unit.open.contains(store) { return }
        unit.opening.insert(store)
        defer {
            unit.opening.remove(store)
            for turn in unit.takeTurns() { turn.resume() }
        }
        if store == .graph { await endGraphReading(of: unit) }
        if forUser {
            try await lockToChange(id, .store(store))
        } else {
            try await lock(id, .store(store), .exclusive)
        }
        do {
            switch store {
            case .sqlite: try await openRecords(unit, forUser: forUser)
            case .graph: try await openGraph(unit)
            case .redis: break
            }
        } catch {
            throw TransactionError.notBegun(store, error)
        }
    }

    private func openRecords(_ unit: Unit, forUser: Bool) async throws {
        // A task with an executor preference may have lost its turn on the way here.
        _ = try live(unit.id)
        if begun.contains(.sqlite) {
            try participants.decision.beginUnit(hasSavepoint: forUser)
            unit.hasSavepoint = forUser
            unit.open.insert(.sqlite)
            do {
                try beginUser(unit, isUser: forUser)
            } catch {
                leave(.sqlite, unit)
                throw error
            }
            return
        }
        try await participants.decision.acquire()
        do {
            _ = try live(unit.id)
            var pause = Duration.milliseconds(1)
            // Without SQLite's own waiting, which would hold the lane.
            while try !participants.decision.begin() {
                try await clock.sleep(for: pause)
                _ = try live(unit.id)
                pause = min(pause * 2, .milliseconds(20))
            }
            try beginUser(unit, isUser: forUser)
        } catch {
            participants.decision.rollback()
            participants.decision.release()
            throw error
        }
        begun.insert(.sqlite)
        recordsBegan = clock.now
        unit.open.insert(.sqlite)
    }

    private func beginUser(_ unit: Unit, isUser: Bool) throws {
        // The savepoint may have ended while its task waited for the store.
        if isUser { try checkScope(unit) }
        unit.changesBefore = try endOfChangeLog()
        for savepoint in unit.savepoints { try participants.decision.savepoint(Savepoint.name(savepoint)) }
    }

    private func openGraph(_ unit: Unit) async throws {
        _ = try live(unit.id)
        guard begun.contains(.graph) else { return try await beginGraph(as: unit.id, unit) }
        unit.open.insert(.graph)
    }

    /// Counts a statement of a unit that may still do something.
    func beginStatement(of id: UnitID) throws {
        try inBody(id).work += 1
    }
}

extension TransactionError {
    /// What a unit is told of an error at the beginning of a transaction of a store.
    static func notBegun(_ store: StoreKind, _ error: any Error) -> any Error {
        if error is TransactionError || error is CancellationError || error is RunAgain { return error }
        return TransactionError(
            .storeFailed, "\(LockName.store(store)) did not begin a transaction",
            remedy: "It is tried again within the retry policy.", underlying: error, isTransient: true)
    }

    static func notConfigured(_ store: StoreKind) -> TransactionError {
        TransactionError(
            .unsupported, "the coordinator was opened without \(LockName.store(store))",
            remedy: "Open it with that store.")
    }
}

extension CoordinatorCore {
    // MARK: Statements

    /// Runs a statement on the graph, which the unit has entered.
    func query(_ id: UnitID, _ cypher: String, _ parameters: GraphParameters) throws -> GraphResult {
        let unit = try inBody(id)
        guard let graph = participants.graph else { throw TransactionError.notConfigured(.graph) }
        try graph.checkOpen()
        unit.work += 1
        let (result, redo) = try performing(id) {
            try catchUp(unit, in: graph)
            return try graph.perform(cypher, parameters)
        }
        if let redo { unit.redo.append(redo) }
        return result
    }

    /// Puts off a write whose result nobody needs.
    func putOff(_ write: PutOffWrite, for id: UnitID) throws {
        let unit = try inBody(id)
        guard let graph = participants.graph else { throw TransactionError.notConfigured(.graph) }
        try graph.checkOpen()
        try graph.check(write)
        unit.redo.append(write.redo)
        unit.unsent.append(write)
        unit.work += 1
    }

    /// Tells the graph what was put off, before a unit's next statement there.
    private func catchUp(_ unit: Unit, in graph: any GraphParticipant) throws {
        if !group.unsent.isEmpty {
            do {
                try graph.runPutOff(group.unsent)
                group.unsent = []
            } catch {
                // It is another one's, and nobody knows whose.
                failGroup(error)
                throw RunAgain()
            }
        }
        guard !unit.unsent.isEmpty else { return }
        do {
            try graph.runPutOff(unit.unsent)
            unit.unsent = []
        } catch {
            throw TransactionError.putOff(error)
        }
    }
}

extension TransactionError {
    static func putOff(_ error: any Error) -> TransactionError {
        TransactionError(
            .storeFailed, "the graph refused a write that the transaction had put off",
            remedy: "Correct what the graph names.", underlying: error)
    }
}
