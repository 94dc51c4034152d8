import Stores

@testable import Transactions

/// SQLite's file: what is in it survives a crash.
final class SimulatedDisk {
    struct Contents {
        var rows: [Int: Int] = [:]
        var journal: [JournalRow] = []
        /// In nanoseconds, as the journal.
        var created: [Int64] = []
        var results: [String: StoredResult] = [:]
        var epoch = 0
        var trimmed: UInt64 = 0
        var trimmedGraph: UInt64 = 0

        var meta: Journal.Meta {
            Journal.Meta(
                identity: "simulated", epoch: epoch, lastNumber: journal.last?.number ?? trimmed, trimmed: trimmed,
                trimmedGraph: trimmedGraph)
        }
    }

    weak var world: SimulatedWorld?
    private(set) var contents = Contents()
    /// Who is decided, in the order of their numbers.
    typealias Decided = [(attempt: Attempt, number: UInt64)]

    /// A commit of which nobody knows whether it will be there after a crash.
    private(set) var uncertain: (contents: Contents, units: Decided)?

    func raiseEpoch() { contents.epoch += 1 }

    func commit(_ new: Contents, _ units: Decided) {
        contents = new
        guard let world else { return }
        for (attempt, number) in units {
            world.note("attempt \(attempt.id) is decided as \(number)")
            if let wrong = world.truth.decide(attempt, number) { world.violate(wrong) }
        }
    }

    func leaveUncertain(_ new: Contents, _ units: Decided) {
        uncertain = (new, units)
    }

    /// What a crash leaves.
    func settle() {
        guard let uncertain, let world else { return }
        self.uncertain = nil
        if Bool.random(using: &world.random) { commit(uncertain.contents, uncertain.units) }
    }
}

/// SQLite as the coordinator uses it, in one process.
///
/// `@unchecked`: as ``SimulatedWorld``.
final class SimulatedRecords: DecisionParticipant, @unchecked Sendable {
    private let process: SimulatedProcess
    private let world: SimulatedWorld
    private let disk: SimulatedDisk
    private var isHeld = false
    private var working: SimulatedDisk.Contents?
    private var isLost = false
    private var writer: Attempt?
    /// Those who have written before, in the same transaction.
    private var writers: [Attempt] = []
    private var hasChanged = false
    private var savepoints: [(name: String, contents: SimulatedDisk.Contents)] = []

    init(_ process: SimulatedProcess) {
        self.process = process
        world = process.world
        disk = world.records
    }

    // MARK: The writer's place

    func acquire() async throws {
        repeat {
            try await world.clock.sleep(for: .microseconds(world.pick(0...80)))
            try process.step("acquire")
            if world.chance(world.faults.recordsUnavailable) { throw SimulatedFailure("no writer") }
        } while isHeld
        isHeld = true
    }

    func release() {
        isHeld = false
        world.check(working == nil || !process.isAlive, "SQLite's writer was given back within a transaction")
    }

    func begin() throws -> Bool {
        try process.step("begin")
        world.check(isHeld, "a transaction was begun without the writer")
        world.check(working == nil, "a transaction was begun within another one")
        world.check(disk.uncertain == nil, "SQLite was used after a commit of unknown outcome")
        if world.chance(world.faults.recordsBusy) { return false }
        working = disk.contents
        isLost = false
        writer = nil
        writers = []
        hasChanged = false
        savepoints = []
        return true
    }

    func beginUnit(hasSavepoint: Bool) throws {
        try checkOpen()
        if let writer { writers.append(writer) }
        writer = nil
        hasChanged = false
        if hasSavepoint { try savepoint(CoordinatorCore.unitSavepoint) }
    }

    func rollback() { working = nil }

    func checkOpen() throws {
        try process.step("checkOpen")
        if isLost || working == nil { throw SimulatedFailure("SQLite has rolled back") }
    }

    // MARK: Statements

    private func statement() throws {
        try process.step("a statement on SQLite")
        try checkOpen()
        if world.chance(world.faults.recordsRollback) {
            isLost = true
            working = nil
            throw SimulatedFailure("SQLite rolled everything back")
        }
        if world.chance(world.faults.recordsStatement) { throw SimulatedFailure("the statement failed") }
    }

    func read(_ key: Int) throws -> Int? {
        try statement()
        return working?.rows[key]
    }

    func write(_ key: Int, _ value: Int?, by attempt: Attempt) throws {
        try statement()
        world.check(writer == nil || writer === attempt, "two units write in one transaction of SQLite")
        writer = attempt
        hasChanged = true
        working?.rows[key] = value
    }

    func savepoint(_ name: String) throws {
        try checkOpen()
        if let working { savepoints.append((name, working)) }
    }

    func rollback(toSavepoint name: String) throws {
        try checkOpen()
        let index = try index(of: name)
        if world.defect != .ignoresSavepoints { working = savepoints[index].contents }
        if name == CoordinatorCore.unitSavepoint { writer = nil }
        savepoints.removeSubrange((index + 1)...)
    }

    func release(savepoint name: String) throws {
        try checkOpen()
        savepoints.removeSubrange(try index(of: name)...)
    }

    private func index(of name: String) throws -> Int {
        guard let index = savepoints.lastIndex(where: { $0.name == name }) else {
            world.violate("there is no savepoint \(name)")
            throw SimulatedFailure("no such savepoint: \(name)")
        }
        return index
    }

    func hasWritten() throws -> Bool { hasChanged }

    func seal() throws {
        try process.step("seal")
        if world.chance(world.faults.sealFails) { throw SimulatedFailure("a row refers to nothing") }
    }

    func storedResult(of key: String) throws -> StoredResult? {
        try process.step("storedResult")
        return world.defect == .forgetsResults ? nil : working?.results[key]
    }

    // MARK: The decision

    func decide(_ decision: Decision) -> DecisionOutcome {
        defer { working = nil }
        do {
            try process.step("decide")
        } catch {
            return .failed(error)
        }
        guard var new = working else {
            world.violate("a group was decided without a transaction")
            return .failed(SimulatedFailure("nothing to decide"))
        }
        if let writer { writers.append(writer) }
        var units: SimulatedDisk.Decided = []
        let members = process.core?.assumeIsolated { core in core.group.members.map(\.unit.id) } ?? []
        world.check(
            members.count == decision.units.count, "a group of \(members.count) decides \(decision.units.count)")
        for (unit, id) in zip(decision.units, members) {
            let number = unit.row.number
            guard let attempt = process.attempts[id] else {
                world.violate("number \(number) was decided without a body")
                return .failed(SimulatedFailure("nothing to decide"))
            }
            check(unit, isOf: attempt)
            world.check(attempt.isBodyDone, "attempt \(attempt.id) was decided before its body had returned")
            units.append((attempt, number))
            let isListed = world.defect != .decidesWithoutJournal
            new.journal.append(isListed ? unit.row : JournalRow(number: number, graph: [], cache: []))
            new.created.append(world.clock.elapsed)
            if let key = unit.idempotencyKey, let result = unit.result {
                new.results[key] = StoredResult(number: number, value: result)
            }
        }
        world.count("decided \(units.count < 5 ? "\(units.count)" : "5 or more") at once")
        world.check(writers.isEmpty, "attempts \(writers.map(\.id)) have written, and are not decided")
        world.check(savepoints.isEmpty, "a group was decided within a savepoint")
        if world.chance(world.faults.decideFails) { return .failed(SimulatedFailure("the disk is full")) }
        if let limit = decision.trimUpTo { trim(&new, upTo: limit) }
        if world.chance(world.faults.decideUnknown) {
            world.note("the numbers \(units.map(\.number)) are uncertain")
            disk.leaveUncertain(new, units)
            if world.defect == .forgetsFence { return .failed(SimulatedFailure("I/O error")) }
            return .unknown(SimulatedFailure("I/O error"))
        }
        disk.commit(new, units)
        if world.chance(world.faults.crash) { process.die("the end of decide") }
        return .decided
    }

    /// As the journal does it.
    private func trim(_ contents: inout SimulatedDisk.Contents, upTo limit: UInt64) {
        let moment = world.clock.elapsed - world.configuration.journalRetention.nanoseconds
        let isEarly = world.defect == .trimsEarly
        let old = zip(contents.journal, contents.created).filter { isEarly || $0.number <= limit && $1 < moment }
        guard let last = old.last?.0.number else { return }
        let count = contents.journal.prefix { $0.number <= last }.count
        let ofGraph = contents.journal.prefix(count).last { !$0.graph.isEmpty }
        contents.trimmedGraph = ofGraph?.number ?? contents.trimmedGraph
        contents.journal.removeFirst(count)
        contents.created.removeFirst(count)
        contents.trimmed = last
        world.count("trim")
    }

    /// All parts of a unit are of one attempt, and there is at least one.
    private func check(_ unit: DecidedUnit, isOf attempt: Attempt) {
        var ids: Set<Int> = []
        for redo in unit.row.graph {
            if let value = redo.boundParameters["value"].flatMap(Int.init(graphNumber:)) {
                ids.insert(Attempt.id(of: value))
            }
        }
        for write in unit.row.cache {
            for effect in write.effects { if let id = effect.author { ids.insert(id) } }
        }
        if let result = unit.result, let id = Int(String(decoding: result, as: UTF8.self)) { ids.insert(id) }
        // Those who have written rows come in the order of their numbers too.
        let hasRows = writers.first === attempt
        if hasRows { writers.removeFirst() }
        world.check(
            ids.subtracting([attempt.id]).isEmpty,
            "the decision \(unit.row.number) of attempt \(attempt.id) holds writes of \(ids.sorted())")
        world.check(
            hasRows || !unit.row.isEmpty || unit.result != nil,
            "number \(unit.row.number) was decided without any writes")
    }

    func interrupt() {}

    // MARK: Outside of units

    private func pause() async throws {
        try await world.clock.sleep(for: .microseconds(world.pick(0...100)))
        try process.step("the journal")
    }

    func openJournal() async throws -> Journal.Meta {
        try await pause()
        disk.settle()
        disk.raiseEpoch()
        let meta = disk.contents.meta
        try await pause()
        return meta
    }

    func journal(of store: StoreKind, after first: UInt64, through last: UInt64) async throws -> [JournalRow] {
        try await pause()
        let isRead = world.defect != .recoversWithoutReplay
        let rows = disk.contents.journal.filter { isRead && $0.number > first && $0.number <= last }
        try await pause()
        return rows.map { row in
            JournalRow(
                number: row.number, graph: store == .graph ? row.graph : [], cache: store == .graph ? [] : row.cache)
        }.filter { !$0.isEmpty }
    }

    func trimmed() async throws -> UInt64 {
        try await pause()
        let trimmed = disk.contents.trimmed
        try await pause()
        return trimmed
    }

    func snapshot() async throws -> [Int: Int] {
        try await pause()
        let rows = disk.contents.rows
        try await pause()
        return rows
    }
}
