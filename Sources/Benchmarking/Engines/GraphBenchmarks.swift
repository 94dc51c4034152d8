import CReference
@_spi(Benchmarks) import GraphClient
import LocalEngines
import Measurement

/// What the graph's client costs, against the same calls in C.
struct GraphBenchmarks {
    let benchmarker: Benchmarker

    private static let users = 1_000
    private static let readsPerPart = 10
    /// Of a turn.
    private static let blocks = 60

    func run() async throws {
        benchmarker.prepare("graph")
        try await GraphBenchmarks.withDatabase { database in
            try await pointRead(database)
            try await decode(database)
        }
    }

    private func pointRead(_ database: GraphDatabase) async throws {
        let reference = try Reference(on: database)
        defer { reference.close() }
        try await database.withSession { session in
            try await benchmarker.measure(
                .graphRatio, limitedBy: "the values that are made of a row, and Swift's own strings"
            ) {
                // Each block is short, so that what slows one side down slows the other down; a turn is the median of them.
                let ratios = try await session.run { connection in
                    try (0..<Self.blocks).map { try Self.ratio(ofBlock: $0, reference, connection) }
                }
                return ratios.median
            }
        }
    }

    /// The time of Swift by the time of C, both on the session's thread. Each is first in every second block.
    private static func ratio(
        ofBlock number: Int, _ reference: Reference, _ connection: GraphConnection
    ) throws -> Double {
        let read = try connection.prepare("MATCH (u:User {id: $id}) RETURN u.name")
        var (c, swift) = (Duration.zero, Duration.zero)
        for part in 0..<4 {
            // Both read the same users: C, Swift, Swift, C, and in the next block the other way round.
            let first = (number * 2 + part / 2) * readsPerPart
            let start = ContinuousClock.now
            if (part == 0 || part == 3) == number.isMultiple(of: 2) {
                let found = reference.read(first, readsPerPart, of: users)
                c += ContinuousClock.now - start
                guard found == readsPerPart else { throw GraphError.misuse("The C reference found \(found) users.") }
            } else {
                for id in first..<(first + readsPerPart) { _ = try read.query(["id": id % users]) }
                swift += ContinuousClock.now - start
            }
        }
        return swift / c
    }

    private struct Row: Decodable {
        var a: Int, b: Int, c: Int, d: Double, e: Double, f: String, g: String, h: Bool, i: Int, j: String?
    }

    private static let tenColumns = """
        UNWIND range(1, 5000) AS x RETURN x AS a, x + 1 AS b, x + 2 AS c, x / 3.0 AS d, x * 0.5 AS e,
        'name ' + cast(x AS STRING) AS f, 'a text that is longer than a small one' AS g, x > 100 AS h, x - 1 AS i, NULL AS j
        """

    private func decode(_ database: GraphDatabase) async throws {
        let result = try await database.withSession { try await $0.query(Self.tenColumns) }
        try await benchmarker.measure(
            .graphDecode, limitedBy: "Decodable, whose containers ask for each value by its name"
        ) {
            try await seconds { _ = try result.decode(Row.self) } / Double(result.count) * 1e9
        }
    }

    static func withDatabase(_ body: (GraphDatabase) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            var configuration = GraphDatabase.Configuration()
            configuration.maxThreads = 2
            try await GraphDatabase.withDatabase(
                at: folder.path(of: "graph"), configuration: configuration
            ) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
                    let rows = GraphParameters.rows(0..<users) { ["id": $0, "name": "user \($0)"] }
                    try await session.execute(
                        "UNWIND $rows AS r CREATE (:User {id: r.id, name: r.name})", ["rows": rows])
                }
                try await database.checkpoint()
                try await body(database)
            }
        }
    }
}

/// The same calls in C, on a connection of their own to the same database: with a database of their own they would have other worker threads, and which
/// threads the system wakes sooner would decide.
private struct Reference: Sendable {
    /// An address, since a pointer can't go to the session's thread. One thread at a time uses what is there.
    private let address: UInt

    init(on database: GraphDatabase) throws {
        guard
            let reference = graph_reference_open(
                database.engine.path, database.engine.kind.functionPrefix, try database.makeEngineConnection())
        else { throw GraphError.misuse("The C reference can't prepare its statement.") }
        address = UInt(bitPattern: reference)
    }

    func read(_ first: Int, _ count: Int, of users: Int) -> Int {
        Int(graph_reference_read(OpaquePointer(bitPattern: address), UInt64(first), UInt64(count), UInt64(users)))
    }

    func close() {
        graph_reference_close(OpaquePointer(bitPattern: address))
    }
}

extension GraphEngine.Kind {
    /// What its functions in C begin with.
    var functionPrefix: String {
        switch self {
        case .kuzu: "kuzu"
        case .ladybug: "lbug"
        }
    }
}
