import Failpoints

/// A point in a unit that can be gone back to.
struct Savepoint: Sendable {
    var number: Int
    var redo: Int
    var cache: CacheWriteSet

    static func name(_ number: Int) -> String { "trivet_\(number)" }

    /// The savepoint whose body a task runs.
    struct Scope: Hashable, Sendable {
        var unit: UnitID
        var number: Int
    }

    @TaskLocal static var scope: Scope?
}

extension CoordinatorCore {
    /// Throws where a task of the body, but not of the innermost savepoint's body, uses the unit: taking the savepoint
    /// back would take back its work too, and it would never know.
    func checkScope(_ unit: Unit) throws {
        let scope = Savepoint.scope.flatMap { $0.unit == unit.id ? $0.number : nil }
        guard scope == unit.savepoints.last, !unit.isEndingSavepoint else {
            throw TransactionError(
                .misuse, "another task of the same body is within a savepoint, or this one's has ended",
                remedy:
                    "Let child tasks use the transaction only while no savepoint is open, or all within the same one.")
        }
    }

    func beginSavepoint(_ id: UnitID) throws -> Savepoint {
        let unit = try inBody(id)
        unit.lastSavepoint += 1
        let savepoint = Savepoint(number: unit.lastSavepoint, redo: unit.redo.count, cache: unit.cache)
        if unit.open.contains(.sqlite) { try participants.decision.savepoint(Savepoint.name(savepoint.number)) }
        unit.savepoints.append(savepoint.number)
        return savepoint
    }

    func endSavepoint(_ savepoint: Savepoint, of id: UnitID) async throws {
        try await closing(savepoint, of: id) { unit in
            guard unit.open.contains(.sqlite) else { return }
            try participants.decision.release(savepoint: Savepoint.name(savepoint.number))
        }
    }

    /// Takes back what the unit did in all stores since the savepoint. The locks stay.
    func rollback(to savepoint: Savepoint, of id: UnitID) async throws {
        try await closing(savepoint, of: id) { unit in
            if unit.open.contains(.sqlite) {
                try participants.decision.checkOpen()
                try participants.decision.rollback(toSavepoint: Savepoint.name(savepoint.number))
                try participants.decision.release(savepoint: Savepoint.name(savepoint.number))
            }
            unit.cache = savepoint.cache
            unit.cacheRevision += 1
            Failpoint.savepointRecords.pass()
            try await rollbackGraph(unit, to: savepoint)
            Failpoint.savepointGraph.pass()
        }
    }

    /// The graph has no savepoints: what came before is done again.
    private func rollbackGraph(_ unit: Unit, to savepoint: Savepoint) async throws {
        guard unit.open.contains(.graph) else { return }
        let isIntact = (try? participants.graph?.checkOpen()) != nil
        let isUntold = unit.redo.count - unit.unsent.count <= savepoint.redo
        unit.unsent.removeLast(min(unit.unsent.count, unit.redo.count - savepoint.redo))
        unit.redo.removeSubrange(savepoint.redo...)
        if isIntact, isUntold { return }
        unit.unsent = []
        rollback(.graph)
        try await beginGraph(as: unit.id, unit, unit.redo)
    }

    /// Ends the savepoint. Where that fails, the unit is in no state that anybody asked for, and ends too.
    private func closing(_ savepoint: Savepoint, of id: UnitID, _ body: (Unit) async throws -> Void) async throws {
        let unit = try live(id)
        do {
            guard unit.savepoints.last == savepoint.number else {
                throw TransactionError(
                    .misuse, "a savepoint ended while another one, begun within it, was open",
                    remedy: "Wait within a savepoint for all that is begun there.")
            }
            // A task that was left behind must not open a store now, in which the savepoint would stay.
            unit.isEndingSavepoint = true
            defer { unit.isEndingSavepoint = false }
            try await body(unit)
            unit.savepoints.removeLast()
        } catch {
            let failure =
                error as? TransactionError
                ?? TransactionError(
                    .storeFailed, "a savepoint could not be ended, and the transaction was rolled back",
                    remedy: "See what the store says.", underlying: error)
            abort(id, failure)
            throw failure
        }
    }
}
