extension CoordinatorCore {
    /// From now on units that change mapped rows change their keys too; nil for no longer.
    func follow(_ rows: MappedRows?) {
        mappedRows = rows
    }

    /// Where the change log ended when a unit began, so that its own changes can be told from those of others.
    func endOfChangeLog() throws -> Int64? {
        guard mappedRows != nil, let records = participants.decision as? SQLiteParticipant else { return nil }
        return try records.perform { try ChangeLog.last(.changes, in: $0) }
    }

    /// Gives the keys of the mapped rows that a unit has changed their new values within the unit itself: they are in
    /// Redis with its other changes, and the synchronizer has nothing left to do.
    ///
    /// A key that the unit has set or deleted itself stays as it said. A unit that changed very many rows leaves them
    /// to the synchronizer, since the step in which Redis takes them would hold up everybody else there.
    func settleMappedRows(_ unit: Unit) async throws {
        guard let mappedRows, let before = unit.changesBefore, unit.hasWrittenRecords, participants.cache != nil,
            let records = participants.decision as? SQLiteParticipant
        else { return }
        let entries = try records.perform { database in
            try ChangeLog.entries(
                .changes, after: before, limit: mappedRows.unitLimit + 1, of: mappedRows.tables, in: database)
        }
        guard !entries.isEmpty, entries.count <= mappedRows.unitLimit else { return }
        let plan = ChangePlan(entries)
        for work in plan.works {
            guard let key = mappedRows.cacheKey(of: work), !unit.cache.replacesAll(of: key) else { continue }
            try await lock(unit.id, .key(key), .exclusive)
            let effects = try records.perform { try mappedRows.effects(of: work, in: $0) }
            for effect in effects ?? [] { unit.cache.add(effect, to: key) }
        }
        try records.perform { try ChangeLog.remove(entries.map(\.id), from: .changes, in: $0) }
    }

    /// Takes a key's lock if it is free, so that whoever holds a store does not wait for it.
    ///
    /// - Returns: false if others have it.
    func lockIfFree(_ id: UnitID, _ key: CacheKey) throws -> Bool {
        let unit = try live(id)
        switch locks.request(.key(key), .exclusive, for: id, work: { units[$0]?.work ?? 0 }) {
        case .granted:
            if !group.isEmpty { unit.seenGroup = group.generation }
            return true
        case .waiting, .deadlocked:
            resume(locks.withdraw(id))
            return false
        }
    }

    /// Adds a mapped row's changes to a unit that has the key's lock.
    func add(_ effects: [CacheEffect], to key: CacheKey, for id: UnitID) throws {
        let unit = try live(id)
        for effect in effects { unit.cache.add(effect, to: key) }
        unit.work += 1
    }
}
