import GRDB
import GraphClient
import Stores

/// How units below serializable read: as snapshots do, beside the writers. A unit at snapshot has one view of all
/// stores, a unit at readCommitted one for each read.
extension CoordinatorCore {
    // MARK: Reading

    /// Reads SQLite without a lock; nil if the unit has to read where it writes.
    func readRecords<Value: Sendable>(
        for id: UnitID, _ body: @Sendable (Database) throws -> Value
    ) async throws -> Value? {
        let unit = try live(id)
        guard unit.readers != nil, !unit.open.contains(.sqlite) else { return nil }
        return try await viewing(id, .sqlite) { view in try await view.readRecords(body) }
    }

    /// Reads the graph without a lock; nil if the unit has to read where it writes, or the statement does more than
    /// that.
    func readGraph(
        for id: UnitID, _ cypher: String, _ parameters: GraphParameters
    ) async throws -> GraphResult? {
        let unit = try live(id)
        guard unit.readers?.graph != nil, !unit.open.contains(.graph), !unit.opening.contains(.graph),
            GraphStatements.onlyReads(cypher)
        else { return nil }
        return try await viewing(id, .graph) { view in try await view.readGraph(cypher, parameters) }
    }

    /// Runs a read of a unit with the view that its level gives it.
    func viewing<Value: Sendable>(
        _ id: UnitID, _ store: StoreKind, _ read: (StoreView) async throws -> Value
    ) async throws -> Value {
        let unit = try live(id)
        try checkScope(unit)
        unit.work += 1
        let value =
            unit.options.isolation == .snapshot
            ? try await read(try await view(of: unit)) : try await viewingOnce(unit, store, read)
        _ = try live(id)
        return value
    }

    private func viewingOnce<Value: Sendable>(
        _ unit: Unit, _ store: StoreKind, _ read: (StoreView) async throws -> Value
    ) async throws -> Value {
        // A reader has one transaction at a time; Redis needs none.
        if store != .redis {
            while unit.viewing.contains(store) {
                await turn(unit) { $0.viewing.contains(store) }
                _ = try live(unit.id)
            }
            unit.viewing.insert(store)
        }
        defer {
            unit.viewing.remove(store)
            for turn in unit.takeTurns() { turn.resume() }
        }
        let view = try await openView(for: unit, of: StoreSet(store))
        defer { close(view) }
        return try await read(view)
    }

    // MARK: Views

    /// The unit's one view, opened at its first step.
    private func view(of unit: Unit) async throws -> StoreView {
        while unit.isOpeningView {
            await turn(unit) { $0.isOpeningView }
            _ = try live(unit.id)
        }
        if let view = unit.view { return view }
        unit.isOpeningView = true
        defer {
            unit.isOpeningView = false
            for turn in unit.takeTurns() { turn.resume() }
        }
        if unit.readers?.graph != nil { try await lock(unit.id, .graphViews, .shared) }
        let view = try await openView(for: unit, of: [.sqlite, .graph])
        unit.view = view
        return view
    }

    private func openView(for unit: Unit, of stores: StoreSet) async throws -> StoreView {
        guard let readers = unit.readers else { throw TransactionError.over }
        let view = try await openView(of: readers, stores: stores)
        do {
            _ = try live(unit.id)
            return view
        } catch {
            close(view)
            throw error
        }
    }

    /// Ends what a unit sees without locks, and gives its readers back. Does nothing where that was done.
    func letReadersGo(_ unit: Unit) {
        guard let readers = unit.readers else { return }
        unit.readers = nil
        if let view = unit.view {
            unit.view = nil
            close(view, readers)
        } else {
            readers.giveBack()
        }
    }

    // MARK: Changing

    /// Locks what a unit is about to change. At snapshot the first one to change something wins: a unit that comes
    /// after it, and does not see it, ends.
    func lockToChange(_ id: UnitID, _ name: LockName) async throws {
        try await lock(id, name, .exclusive)
        let unit = try live(id)
        guard unit.options.isolation == .snapshot else { return }
        // Opened after the lock was had, the view of a unit that begins with a change can't be older than others'.
        let view = try await view(of: unit)
        _ = try live(id)
        do {
            try view.state.check()
            guard hasChanged(name, since: view.number) else { return }
            counters.conflicts += 1
            throw TransactionError.conflict(name, since: view.number)
        } catch {
            // As a whole: if the body went on, it would read what it now holds the lock of, newer than its view.
            abort(id, error)
            throw error
        }
    }

    private func hasChanged(_ name: LockName, since number: UInt64) -> Bool {
        switch name {
        case .store(let store): lastChange[store, default: 0] > number
        case .key(let key): cacheState.withLock { $0.queue.hasChanged(key, since: number) }
        default: false
        }
    }

    /// Lets a unit that is about to write to the graph go on reading it there: nothing of its view is lost, since it ends
    /// if the graph has changed meanwhile. Whoever makes a checkpoint need not wait for it.
    func endGraphReading(of unit: Unit) async {
        guard let view = unit.view, view.hasGraph else { return }
        await view.finishGraph()
        resume(locks.release(.graphViews, of: unit.id))
    }

    /// Puts the graph in order before a unit writes to it, if need be. The engine can't do that while anybody reads, and
    /// who reads may wait for this unit: so that is a lock too, and a circle is found.
    func prepareGraph(_ unit: Unit, _ graph: any GraphParticipant) async throws {
        await endGraphReading(of: unit)
        guard graph.mustPrepare else { return }
        try await lock(unit.id, .graphViews, .exclusive)
        defer { resume(locks.release(.graphViews, of: unit.id)) }
        try await prepareToBegin(graph)
    }

    /// The same for a group that is being committed.
    func prepareGraph(as id: UnitID, _ graph: any GraphParticipant) async throws {
        guard graph.mustPrepare else { return }
        if !requestAlone(id, .graphViews, .exclusive) { await waitAlone(id) }
        defer { resume(locks.release(.graphViews, of: id)) }
        try await prepareToBegin(graph)
    }

    private func prepareToBegin(_ graph: any GraphParticipant) async throws {
        // What is not decided yet is in no checkpoint.
        let number = lastNumber
        if try await graph.prepareToBegin() { checkpointed = number }
    }
}
