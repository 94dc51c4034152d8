import Failpoints
import GraphClient
import Pooling
import Stores

/// Kùzu as a store that follows the decision.
///
/// Its marker is the highest number among the nodes of a table of its own: updating one node would fill the engine's
/// buffer pool within some thousand commits.
///
/// `@unchecked`: as ``SQLiteParticipant``.
final class KuzuParticipant: GraphParticipant, @unchecked Sendable {
    private let pool: GraphPool
    private var lease: PoolLease<GraphSession>?
    private var connection: GraphConnection?
    /// The number that the open transaction's unit will probably have.
    private var expected: UInt64?
    /// The number whose marker the open transaction has made.
    private var marked: UInt64?

    /// What the engine is, for those who trace.
    var system: String { pool.database.engine.kind.rawValue }

    static let markers = "TrivetMarker"
    private let batchSizes: BatchSizes

    init(_ pool: GraphPool) {
        self.pool = pool
        batchSizes = pool.database.engine.kind.batchSizes
    }

    func acquire() async throws {
        let lease = try await pool.acquireWriter(isScoped: false)
        do {
            connection = try Self.core(of: lease.connection)
            self.lease = lease
        } catch {
            throw pool.releaseWriter(lease, after: error)
        }
    }

    var mustPrepare: Bool { pool.database.isCheckpointDue }

    func prepareToBegin() async throws -> Bool {
        try await pool.database.prepareToWrite()
    }

    private static func core(of session: GraphSession) throws -> GraphConnection {
        try session.assumeIsolated { UncheckedConnection(try $0.core()) }.connection
    }

    func release() {
        guard let lease else { return }
        connection = nil
        self.lease = nil
        pool.releaseWriter(lease)
    }

    private func held() throws -> GraphConnection {
        guard let connection else {
            throw TransactionError(.misuse, "the graph's writer is not held", remedy: "Report this as a defect.")
        }
        return connection
    }

    func begin(expecting number: UInt64?) throws {
        expected = number
        marked = nil
        try held().beginTransaction(.readWrite)
    }

    func rollback() {
        connection?.rollbackTransaction(cause: "the coordinator rolled it back")
    }

    func checkOpen() throws {
        let connection = try held()
        guard connection.isInTransaction else {
            throw TransactionError(
                .storeFailed, "a statement on the graph failed, and took the whole transaction with it",
                remedy: "Let the error go on, or put the part that may fail into savepoint { }.")
        }
    }

    func perform(_ cypher: String, _ parameters: GraphParameters) throws -> (GraphResult, GraphRedo?) {
        let connection = try held()
        let isWrite = try connection.isReplayableWrite(cypher)
        guard let session = lease?.connection else { throw TransactionError.notConfigured(.graph) }
        guard isWrite else { return (try session.interruptibly { try connection.query(cypher, parameters) }, nil) }
        let result = try session.interruptibly { try write(cypher, parameters, connection) }
        return (result, GraphRedo(cypher, parameters, digest: ResultDigest(result)))
    }

    /// Moves the marker in the same statement where that can be done: a statement costs most of what a unit costs.
    private func write(
        _ cypher: String, _ parameters: GraphParameters, _ connection: GraphConnection
    ) throws -> GraphResult {
        guard let expected, marked == nil else { return try connection.query(cypher, parameters) }
        let rider = StatementRider(Self.marker, Self.markerNumber, .int64(Int64(expected)))
        let (result, isTaken) = try connection.query(cypher, parameters, taking: rider)
        if isTaken { marked = expected }
        return result
    }

    private static let marker = "(:\(markers) {number: $\(markerNumber)})"
    private static let markerNumber = "trivet_number"

    func check(_ write: PutOffWrite) throws {
        let connection = try held()
        guard try connection.isReplayableWrite(write.redo.text) else {
            throw TransactionError(.misuse, "\(write.redo.text) writes nothing", remedy: "Report this as a defect.")
        }
        for node in write.needed {
            let key = try connection.primaryKey(of: node.label)
            guard key != node.property else { continue }
            throw TransactionError(
                .misuse,
                key.map { "the primary key of \(node.label) is \($0), not \(node.property)" }
                    ?? "the graph has no node table \(node.label)",
                remedy: "Name a node by its table and its primary key, as the schema writes them.")
        }
    }

    func runPutOff(_ writes: [PutOffWrite]) throws {
        let connection = try held()
        do {
            for batch in PutOffPlan(writes).batches { try run(batch, connection) }
        } catch {
            // The engine may have done the rest, and would commit it.
            connection.rollbackTransaction(cause: "\(error)")
            throw error
        }
    }

    /// Runs writes of one shape.
    private func run(_ writes: [PutOffWrite], _ connection: GraphConnection) throws {
        let (statement, rows) = (writes[0].redo, writes.map(\.redo.boundParameters))
        if rows.count >= batchSizes.fewest(needing: writes[0].needed.count), let batch = writes[0].batch,
            let result = try connection.query(statement.text, forEach: rows, as: batch)
        {
            if !writes[0].needed.isEmpty, result[0][0] != .int64(Int64(rows.count)) {
                try throwMissing(writes, connection)
            }
            return
        }
        for one in writes {
            let digest = ResultDigest(try write(one.redo.text, one.redo.boundParameters, connection))
            if digest != one.redo.digest { try throwMissing([one], connection) }
        }
    }

    /// Finds out which node was not there.
    private func throwMissing(_ writes: [PutOffWrite], _ connection: GraphConnection) throws -> Never {
        for node in writes.lazy.flatMap(\.needed) {
            let found = try connection.query(
                "MATCH (n:\(try PutOffWrite.quoted(node.label)) {\(try PutOffWrite.quoted(node.property)): $key}) RETURN count(*)",
                ["key": node.value])
            if found[0][0] == .int64(0) { throw NodeMissing(node: node) }
        }
        throw NodeMissing(node: nil)
    }

    func replay(_ redo: [GraphRedo], inBatches: Bool) throws {
        let connection = try held()
        var rest = redo[...]
        while let first = rest.first {
            let alike = inBatches ? rest.prefix { $0.text == first.text && $0.digest == first.digest } : rest.prefix(1)
            rest = rest.dropFirst(alike.count)
            if alike.count >= batchSizes.insertions, first.digest.rows == 0,
                try connection.query(first.text, forEach: alike.map(\.boundParameters), as: .derived) != nil
            {
                continue
            }
            for statement in alike {
                let digest = ResultDigest(try connection.query(statement.text, statement.boundParameters))
                guard digest == statement.digest else {
                    throw ReplayMismatch(statement: statement.text, expected: statement.digest, found: digest)
                }
            }
        }
    }

    func commit(number: UInt64) throws {
        let connection = try held()
        // Only in a transaction that is known to be open: otherwise the marker would be committed alone.
        try checkOpen()
        Failpoint.graphBefore.pass()
        // A number that another unit has got meanwhile stays: it is below this one, and the highest counts.
        if let marked, marked > number {
            throw TransactionError(
                .misuse, "the graph's marker would run ahead: it is \(marked), and \(number) is committed",
                remedy: "Report this as a defect.")
        }
        if marked != number {
            try connection.execute(
                "CREATE \(Self.marker)", GraphParameters([GraphField(Self.markerNumber, .int64(Int64(number)))]))
        }
        Failpoint.graphMarked.pass()
        do {
            try connection.commitTransaction()
            Failpoint.graphAfter.pass()
        } catch let error as GraphError {
            guard case .commitInDoubt = error else { throw error }
            throw GraphCommitFailed(underlying: error)
        }
    }

    func marker() throws -> UInt64 {
        let found = try held().query("MATCH (m:\(Self.markers)) RETURN max(m.number)").scalar(Int64?.self)
        return UInt64(found ?? 0)
    }

    func interrupt() {
        lease?.connection.interruptCall()
    }

    // MARK: Recovery

    func identity() throws -> String? {
        let tables = try held().query("CALL show_tables() WHERE name = '\(Self.markers)' RETURN name")
        guard !tables.isEmpty else { return nil }
        return try held().query("MATCH (m:\(Self.markers) {number: 0}) RETURN m.identity").first?.decode(String.self)
    }

    func adopt(_ identity: String) throws {
        try held().execute(
            "CREATE NODE TABLE IF NOT EXISTS \(Self.markers)(number INT64 PRIMARY KEY, identity STRING)")
        Failpoint.adoptTable.pass()
        try held().execute("CREATE (:\(Self.markers) {number: 0, identity: $identity})", ["identity": identity])
        Failpoint.adoptGraph.pass()
    }

    // MARK: Checkpoints

    func load() throws -> CheckpointPolicy.Load {
        let memory = try held().query("CALL bm_info() RETURN mem_usage / cast(mem_limit AS DOUBLE)").scalar(Double.self)
        return CheckpointPolicy.Load(log: pool.database.logSize, memory: memory)
    }

    func checkpoint() async throws {
        try await pool.database.checkpoint()
    }

    func trimMarkers() throws {
        let connection = try held()
        let last = try marker()
        try connection.transaction {
            try connection.execute(
                "MATCH (m:\(Self.markers)) WHERE m.number > 0 AND m.number < $last DELETE m", ["last": Int64(last)])
        }
    }
}

/// Carries a connection out of its session's isolation: both are on the lane.
private struct UncheckedConnection: @unchecked Sendable {
    let connection: GraphConnection

    init(_ connection: GraphConnection) {
        self.connection = connection
    }
}

/// A write that was put off found other nodes than it named.
struct NodeMissing: Error, CustomStringConvertible {
    /// Nil where all are there.
    var node: GraphNodeKey?

    var description: String {
        node.map { "there is no \($0)" } ?? "the graph counts otherwise than it should"
    }
}
