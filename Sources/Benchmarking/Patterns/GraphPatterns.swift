import GraphClient
import LocalEngines

/// Nodes into the graph: a statement's text for each; a statement that is prepared once; many in one transaction; all of them in one statement.
struct GraphPatterns {
    let benchmarker: Benchmarker

    private static let (few, many) = (50, 1_000)

    func run() async throws {
        try await GraphBenchmarks.withDatabase { database in
            try await database.withSession { session in
                try await session.execute("CREATE NODE TABLE Item(id INT64 PRIMARY KEY, name STRING)")
                try await measure(session)
            }
        }
    }

    private func measure(_ session: GraphSession) async throws {
        let ids = IDs()
        func rowByRow() async throws -> Double {
            try await seconds {
                for _ in 0..<Self.few {
                    let id = ids.next()
                    try await session.execute("CREATE (:Item {id: \(id), name: 'user \(id)'})")
                }
            } / Double(Self.few)
        }
        let create = "CREATE (:Item {id: $id, name: $name})"
        try await benchmarker.compare(
            .patternGraphPrepared, .speed, limitedBy: "a commit for each row, which waits for the disk",
            subject: {
                try await seconds {
                    try await session.run { connection in
                        let statement = try connection.prepare(create)
                        for _ in 0..<Self.few {
                            let id = ids.next()
                            try statement.execute(["id": id, "name": "user \(id)"])
                        }
                    }
                } / Double(Self.few)
            },
            reference: { try await rowByRow() })
        try await benchmarker.compare(
            .patternGraphTransaction, .speed, limitedBy: "the engine's work for a statement, some hundred microseconds",
            subject: {
                try await seconds {
                    try await session.transaction(.readWrite) { connection in
                        let statement = try connection.prepare(create)
                        for _ in 0..<Self.few {
                            let id = ids.next()
                            try statement.execute(["id": id, "name": "user \(id)"])
                        }
                    }
                } / Double(Self.few)
            },
            reference: { try await rowByRow() })
        try await benchmarker.compare(
            .patternGraphUnwind, .speed, limitedBy: "making the list of rows, and the engine's work for a node",
            subject: {
                let batch = (0..<Self.many).map { _ in ids.next() }
                return try await seconds {
                    let rows = GraphParameters.rows(batch) { ["id": $0, "name": "user \($0)"] }
                    try await session.execute(
                        "UNWIND $rows AS r CREATE (:Item {id: r.id, name: r.name})", ["rows": rows])
                } / Double(Self.many)
            },
            reference: { try await rowByRow() })
    }
}
