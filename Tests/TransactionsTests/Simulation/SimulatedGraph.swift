@testable import GraphClient
@testable import Transactions

/// The graph's file.
final class SimulatedGraphFile {
    struct Contents {
        var nodes: [Int: Int] = [:]
        var marker: UInt64 = 0
        var identity: String?
    }

    weak var world: SimulatedWorld?
    private(set) var contents = Contents()

    func commit(_ new: Contents) {
        guard let world else { return }
        world.note("the graph has \(new.marker)")
        world.check(new.marker > contents.marker, "I5: the graph went from \(contents.marker) to \(new.marker)")
        contents = new
        guard new.marker <= world.truth.last else {
            return world.violate("I4: the graph has \(new.marker), and \(world.truth.last) is decided")
        }
        if let wrong = difference(at: new.marker) { world.violate("I5: \(wrong)") }
    }

    func adopt(_ identity: String) { contents.identity = identity }

    /// What no sound engine does.
    func mark(_ number: UInt64) { contents.marker = number }

    func keep(_ nodes: [Int: Int]) { contents.nodes = nodes }

    /// What the graph holds that it should not hold at a number.
    func difference(at number: UInt64) -> String? {
        guard let world else { return nil }
        let wanted = world.truth.models[Int(number)].contents(of: .graph)
        let found = Dictionary(
            uniqueKeysWithValues: contents.nodes.map {
                (SimulatedPlace(store: .graph, key: $0.key), Content.number($0.value))
            })
        return wanted == found ? nil : "at \(number) the graph holds \(found), and should hold \(wanted)"
    }
}

/// The graph as the coordinator uses it, in one process.
///
/// `@unchecked`: as ``SimulatedWorld``.
final class SimulatedGraph: GraphParticipant, @unchecked Sendable {
    private let process: SimulatedProcess
    private let world: SimulatedWorld
    private let file: SimulatedGraphFile
    private var isHeld = false
    private var working: SimulatedGraphFile.Contents?
    private var hasFailed = false
    private(set) var mustPrepare = false

    init(_ process: SimulatedProcess) {
        self.process = process
        world = process.world
        file = world.graph
    }

    func acquire() async throws {
        repeat {
            try await world.clock.sleep(for: .microseconds(world.pick(0...80)))
            try process.step("acquire")
        } while isHeld
        isHeld = true
    }

    func release() {
        world.check(working == nil || !process.isAlive, "the graph's writer was given back within a transaction")
        isHeld = false
    }

    func prepareToBegin() async throws -> Bool {
        try await world.clock.work(for: .microseconds(world.pick(0...400)))
        try process.step("prepareToBegin")
        world.check(working == nil, "the graph is to be put in order within a transaction")
        defer { mustPrepare = false }
        return mustPrepare
    }

    func load() throws -> CheckpointPolicy.Load {
        try process.step("the graph's load")
        return CheckpointPolicy.Load()
    }

    func trimMarkers() throws { try process.step("the graph's markers") }

    func checkpoint() async throws {
        try process.step("a checkpoint")
        try await world.clock.sleep(for: .microseconds(world.pick(0...2_000)))
        try process.step("the end of a checkpoint")
    }

    func begin(expecting number: UInt64?) throws {
        try process.step("begin")
        world.check(isHeld, "a transaction was begun without the graph's writer")
        world.check(working == nil, "a transaction of the graph was begun within another one")
        world.check(!hasFailed, "a transaction of the graph was begun after the engine had failed")
        if world.chance(world.faults.graphBegin) { throw SimulatedFailure("the graph did not begin") }
        working = file.contents
    }

    func rollback() {
        mustPrepare = mustPrepare || working != nil
        if world.defect == .keepsRolledBack, let working { file.keep(working.nodes) }
        working = nil
    }

    func checkOpen() throws {
        try process.step("checkOpen")
        if working == nil { throw SimulatedFailure("the graph has ended the transaction") }
    }

    // MARK: Statements

    func perform(_ cypher: String, _ parameters: GraphParameters) throws -> (GraphResult, GraphRedo?) {
        let result = try run(cypher, parameters)
        return (result, cypher == "READ" ? nil : GraphRedo(cypher, parameters, digest: ResultDigest(result)))
    }

    private func run(_ text: String, _ parameters: GraphParameters) throws -> GraphResult {
        try process.step("a statement on the graph")
        try checkOpen()
        guard !world.chance(world.faults.graphStatement), let key = parameters["key"].flatMap(Int.init(graphNumber:))
        else {
            // As the engine does: any error takes the transaction with it.
            working = nil
            throw SimulatedFailure("the statement on the graph failed")
        }
        let former = working?.nodes[key]
        switch text {
        case "SET": working?.nodes[key] = parameters["value"].flatMap(Int.init(graphNumber:))
        case "REMOVE": working?.nodes[key] = nil
        default: break
        }
        let columns = GraphColumns(["value"])
        if Self.putOff.contains(text) {
            working?.nodes[key] = parameters["value"].flatMap(Int.init(graphNumber:))
            return GraphResult(columns: columns, rows: [])
        }
        return GraphResult(
            columns: columns, rows: [GraphRow(columns: columns, values: [former.map { .int64(Int64($0)) } ?? .null])])
    }

    /// The texts of statements that are put off.
    static let putOff = ["PUT", "PUT AGAIN"]

    func check(_ write: PutOffWrite) throws { try process.step("a check of the graph") }

    func runPutOff(_ writes: [PutOffWrite]) throws {
        for write in PutOffPlan(writes).batches.joined() { _ = try run(write.redo.text, write.redo.boundParameters) }
    }

    func replay(_ redo: [GraphRedo], inBatches: Bool) throws {
        for statement in redo {
            let digest = ResultDigest(try run(statement.text, statement.boundParameters))
            guard digest == statement.digest else {
                world.violate("I6: \(statement.text) \(statement.parameters) did something else in its repetition")
                throw ReplayMismatch(statement: statement.text, expected: statement.digest, found: digest)
            }
        }
    }

    func commit(number: UInt64) throws {
        try process.step("the graph's commit")
        guard var new = working else { throw SimulatedFailure("no transaction of the graph is open") }
        working = nil
        if world.chance(world.faults.graphCommitBefore) {
            if world.defect == .movesMarkerAlone { file.mark(number) }
            throw SimulatedFailure("the graph did not commit")
        }
        new.marker = number
        if world.chance(world.faults.graphFails) {
            hasFailed = true
            world.count("the graph's engine fails")
            if Bool.random(using: &world.random) { file.commit(new) }
            throw GraphCommitFailed(underlying: SimulatedFailure("the graph's disk is full"))
        }
        file.commit(new)
        try process.step("the end of the graph's commit")
        if world.chance(world.faults.graphCommitAfter) { throw SimulatedFailure("the graph's answer got lost") }
    }

    func marker() throws -> UInt64 {
        try process.step("the graph's marker")
        world.check(isHeld, "the marker was read without the graph's writer")
        if world.chance(world.faults.graphBegin) { throw SimulatedFailure("the graph did not answer") }
        return file.contents.marker
    }

    func identity() throws -> String? {
        try process.step("the graph's identity")
        return file.contents.identity
    }

    func adopt(_ identity: String) throws {
        try process.step("the graph's adoption")
        file.adopt(identity)
    }

    func interrupt() {}

    func snapshot() async throws -> [Int: Int] {
        try await world.clock.sleep(for: .microseconds(world.pick(0...100)))
        try process.step("a snapshot of the graph")
        let nodes = file.contents.nodes
        try await world.clock.sleep(for: .microseconds(world.pick(0...100)))
        return nodes
    }
}

extension Int {
    init?(graphNumber value: GraphValue) {
        guard case .int64(let number) = value else { return nil }
        self = Int(number)
    }
}
