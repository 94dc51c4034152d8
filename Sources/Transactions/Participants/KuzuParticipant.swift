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

    init(_ pool: GraphPool) {
        self.pool = pool
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

    func checkCreation(_ cypher: String) throws {
        guard try held().isReplayableWrite(cypher) else {
            throw TransactionError(.misuse, "nothing is created by \(cypher)", remedy: "Report this as a defect.")
        }
    }

    func runPutOff(_ statements: [GraphRedo]) throws {
        let connection = try held()
        for alike in Self.byText(statements) {
            if alike.count >= Self.fewestInBatch,
                try connection.create(alike[0].text, forEach: alike.map(\.boundParameters))
            {
                continue
            }
            for statement in alike { _ = try write(statement.text, statement.boundParameters, connection) }
        }
    }

    /// Those with the same text together, in the order in which the texts first come.
    private static func byText(_ statements: [GraphRedo]) -> [[GraphRedo]] {
        var places: [String: Int] = [:]
        var found: [[GraphRedo]] = []
        for statement in statements {
            if let place = places[statement.text] {
                found[place].append(statement)
            } else {
                places[statement.text] = found.count
                found.append([statement])
            }
        }
        return found
    }

    func replay(_ redo: [GraphRedo], inBatches: Bool) throws {
        let connection = try held()
        var rest = redo[...]
        while let first = rest.first {
            let alike = inBatches ? rest.prefix { $0.text == first.text && $0.digest == first.digest } : rest.prefix(1)
            rest = rest.dropFirst(alike.count)
            if alike.count >= Self.fewestInBatch, first.digest.rows == 0,
                try connection.create(first.text, forEach: alike.map(\.boundParameters))
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

    /// Below this the engine takes longer for one statement with rows than for one statement each.
    private static let fewestInBatch = 5

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
