import GraphClient
import LocalEngines

/// One engine's graph of users who know each other, and its only session.
struct GraphSubject: Sendable {
    private static let users = 5_000
    private let database: GraphDatabase
    private let session: GraphSession
    private let ids = IDs()

    static func with(_ engine: GraphEngine, _ body: (GraphSubject) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            try await GraphDatabase.withDatabase(
                at: folder.path(of: "graph"), engine: engine, configuration: configuration
            ) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE User(id INT64 PRIMARY KEY, name STRING)")
                    try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY, name STRING)")
                    try await session.execute("CREATE REL TABLE Knows(FROM User TO User, since INT64)")
                    try await session.execute(
                        "UNWIND range(0, \(users - 1)) AS i CREATE (:User {id: i, name: 'user ' + cast(i AS STRING)})")
                    // With 7 919 and 5 000 without a common divisor, these are all different.
                    try await session.execute(
                        """
                        UNWIND range(1, 10) AS k MATCH (a:User) WITH a, k, (a.id + k * 7919) % \(users) AS other \
                        MATCH (b:User {id: other}) CREATE (a)-[:Knows {since: k}]->(b)
                        """)
                    try await database.checkpoint()
                    try await body(GraphSubject(database: database, session: session))
                }
            }
        }
    }

    private static var configuration: GraphDatabase.Configuration {
        var configuration = GraphDatabase.Configuration()
        configuration.maxThreads = 2
        return configuration
    }

    private init(database: GraphDatabase, session: GraphSession) {
        self.database = database
        self.session = session
    }

    // MARK: - Statements

    /// Microseconds of each.
    func readByKey() async throws -> Double {
        try await microseconds(of: 200, "MATCH (u:User {id: $id}) RETURN u.name")
    }

    /// Microseconds of each.
    func countNeighbours() async throws -> Double {
        try await microseconds(
            of: 20, "MATCH (u:User {id: $id})-[:Knows]->(:User)-[:Knows]->(f:User) RETURN count(DISTINCT f.id)")
    }

    private func microseconds(of count: Int, _ cypher: String) async throws -> Double {
        let first = ids.next(count)
        return try await session.transaction(.readOnly) { connection in
            let statement = try connection.prepare(cypher)
            let start = ContinuousClock.now
            for id in first..<(first + count) { _ = try statement.query(["id": id * 31 % Self.users]) }
            return (ContinuousClock.now - start) / .microseconds(count)
        }
    }

    /// Milliseconds.
    func aggregate() async throws -> Double {
        try await seconds {
            _ = try await session.query(
                "MATCH (a:User)-[k:Knows]->(b:User) RETURN a.id % 10 AS part, sum(k.since), count(b.id)")
        } * 1_000
    }

    /// Microseconds of a statement, and of the commit of all.
    func insert() async throws -> [Double] {
        let count = 100
        let first = ids.next(count)
        return try await session.run { connection in
            let statement = try connection.prepare(Self.create)
            var inserted = ContinuousClock.now
            let statements = try connection.transaction {
                let start = ContinuousClock.now
                for id in first..<(first + count) { try statement.execute(["id": id, "name": "item \(id)"]) }
                inserted = .now
                return inserted - start
            }
            return [statements / .microseconds(count), (ContinuousClock.now - inserted) / .microseconds(1)]
        }
    }

    /// Microseconds of each.
    func relate() async throws -> Double {
        let count = 100
        let first = ids.next(count)
        return try await session.transaction(.readWrite) { connection in
            let statement = try connection.prepare(
                "MATCH (a:User {id: $a}), (b:User {id: $b}) CREATE (a)-[:Knows {since: 0}]->(b)")
            let start = ContinuousClock.now
            for id in first..<(first + count) {
                try statement.execute(["a": id * 31 % Self.users, "b": id * 17 % Self.users])
            }
            return (ContinuousClock.now - start) / .microseconds(count)
        }
    }

    /// Microseconds of each row, its part of the commit included.
    func insertRows() async throws -> Double {
        let count = 1_000
        let first = ids.next(count)
        let rows = GraphParameters.rows(first..<(first + count)) { ["id": $0, "name": "item \($0)"] }
        return try await seconds {
            try await session.execute("UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name})", ["rows": rows])
        } / Double(count) * 1e6
    }

    /// Microseconds of each.
    func commitEach() async throws -> Double {
        let count = 20
        let first = ids.next(count)
        return try await session.run { connection in
            let statement = try connection.prepare(Self.create)
            let start = ContinuousClock.now
            for id in first..<(first + count) { try statement.execute(["id": id, "name": "item \(id)"]) }
            return (ContinuousClock.now - start) / .microseconds(count)
        }
    }

    /// Milliseconds.
    func checkpoint() async throws -> Double {
        let first = ids.next(100)
        let rows = GraphParameters.rows(first..<(first + 100)) { ["id": $0, "name": "item \($0)"] }
        try await session.execute("UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name})", ["rows": rows])
        return try await seconds { try await database.checkpoint() } * 1_000
    }

    private static let create = "CREATE (:Item {id: $id, name: $name})"
}

/// One engine's graph whose log has not been moved into its file.
struct LogSubject: Sendable {
    private let engine: GraphEngine
    private let path: String

    static func with(_ engine: GraphEngine, _ body: (LogSubject) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let subject = LogSubject(engine: engine, path: folder.path(of: "graph"))
            try await GraphDatabase.withDatabase(at: subject.path, engine: engine) { database in
                try await database.withSession { session in
                    try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY, name STRING)")
                    for first in stride(from: 0, to: 10_000, by: 100) {
                        let rows = GraphParameters.rows(first..<(first + 100)) { ["id": $0, "name": "item \($0)"] }
                        try await session.execute(
                            "UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name})", ["rows": rows])
                    }
                }
            }
            try await body(subject)
        }
    }

    /// Milliseconds.
    func open() async throws -> Double {
        let start = ContinuousClock.now
        let database = try await GraphDatabase.open(at: path, engine: engine)
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        await database.close()
        return milliseconds
    }
}
