import Measurement
import Testing
import TrivetTesting

@testable import GraphClient

/// Random changes against a model in memory, with checkpoints and reopening in between: few nodes that are used again and again, in several
/// of the engine's regions, so that regions fill and empty.
@Suite("P1: checkpoints and reading the log back lose and change nothing (H20, H21, H24)", .timeLimit(.minutes(5)))
struct CheckpointModelTests {
    @Test("P1: nodes and relationships after any changes and checkpoints are what a model says", arguments: 1...4)
    func model(seed: Int) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(at: folder.path(of: "graph")) { database in
                try await database.withSession { session in
                    try await session.run { connection in
                        var run = try ModelRun(connection, seed: UInt64(seed))
                        for step in 0..<150 { try run.step(step) }
                        try connection.checkpoint()
                        try run.check("at the end")
                        #expect(run.checkpoints > 0)
                    }
                }
            }
        }
    }
}

private struct ModelRun {
    private struct Pair: Hashable, Comparable {
        let from, to: Int

        static func < (a: Pair, b: Pair) -> Bool { (a.from, a.to) < (b.from, b.to) }
    }

    private let connection: GraphConnection
    private var random: SplitMix64
    private var values: [Int: Int] = [:]
    private var links: [Pair: Int] = [:]
    private var trail: [String] = []
    private(set) var checkpoints = 0

    /// Six regions with four nodes each.
    private static let hot = (0..<6).flatMap { region in (0..<4).map { region * 1_024 + $0 } }

    init(_ connection: GraphConnection, seed: UInt64) throws {
        self.connection = connection
        random = SplitMix64(seed: seed)
        try connection.execute("CREATE NODE TABLE I(id INT64 PRIMARY KEY, v INT64)")
        try connection.execute("CREATE REL TABLE L(FROM I TO I, w INT64)")
        try connection.execute("UNWIND range(0, 6143) AS i CREATE (:I {id: i, v: 0})")
        for id in Self.hot { values[id] = 0 }
    }

    mutating func step(_ number: Int) throws {
        let a = Self.hot.randomElement(using: &random) ?? 0
        let b = Self.hot.randomElement(using: &random) ?? 0
        let value = Int.random(in: 0..<1_000, using: &random)
        let some = links.keys.sorted().randomElement(using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<22 where links[Pair(from: a, to: b)] == nil:
            try run("MATCH (a:I {id: \(a)}), (b:I {id: \(b)}) CREATE (a)-[:L {w: \(value)}]->(b)")
            links[Pair(from: a, to: b)] = value
        case 22..<52:
            guard let some else { return }
            try run("MATCH (a:I {id: \(some.from)})-[l:L]->(b:I {id: \(some.to)}) DELETE l")
            links[some] = nil
        case 52..<55:
            try run("MATCH (a:I {id: \(a)}) SET a.v = \(value)")
            values[a] = value
        case 55..<60:
            guard let some else { return }
            try run("MATCH (a:I {id: \(some.from)})-[l:L]->(b:I {id: \(some.to)}) SET l.w = \(value)")
            links[some] = value
        case 60..<65:
            try run("MATCH (a:I {id: \(a)}) DETACH DELETE a")
            try run("CREATE (:I {id: \(a), v: 1})")
            links = links.filter { $0.key.from != a && $0.key.to != a }
            values[a] = 1
        case 65..<70:
            try run("MATCH (a:I {id: \(a)})-[l:L]->() DELETE l")
            links = links.filter { $0.key.from != a }
        case 70..<73:
            trail.append("rolled back: a change of \(a)")
            do {
                try connection.transaction {
                    try connection.execute("MATCH (a:I {id: \(a)}) SET a.v = -1")
                    throw CancellationError()
                }
            } catch is CancellationError {}
        case 73..<86:
            trail.append("checkpoint")
            try connection.checkpoint()
            checkpoints += 1
            try check("after a checkpoint")
        case 86...:
            trail.append("reopen")
            let pass = try connection.enterGate(.exclusive, purpose: "a test")
            defer { connection.leaveGate(pass) }
            try connection.reopenDatabase()
        default: return
        }
        if trail.last == "reopen" || number.isMultiple(of: 25) { try check("after step \(number)") }
    }

    private mutating func run(_ cypher: String) throws {
        trail.append(cypher)
        try connection.execute(cypher)
    }

    func check(_ when: String) throws {
        let expected = links.map { [$0.key.from, $0.key.to, $0.value] }.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        for pattern in ["MATCH (a:I) WITH a MATCH (a)-[l:L]->(b:I)", "MATCH (b:I) WITH b MATCH (b)<-[l:L]-(a:I)"] {
            let found = try connection.query("\(pattern) RETURN a.id, b.id, l.w").map { row in
                try row.values.map { try Int(#require($0.integer)) }
            }
            #expect(
                found.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) } == expected,
                "\(when), \(pattern):\n\(trail.joined(separator: "\n"))")
        }
        for (id, value) in values {
            let found = try connection.query("MATCH (a:I {id: $id}) RETURN a.v", ["id": id]).scalar(Int.self)
            #expect(found == value, "\(when), node \(id):\n\(trail.joined(separator: "\n"))")
        }
    }
}

extension GraphValue {
    fileprivate var integer: Int64? {
        if case .int64(let value) = self { value } else { nil }
    }
}
