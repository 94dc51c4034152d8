import GRDB
import GraphClient
import Measurement
import RedisClient
import Scenarios
import Threads

/// Makes a file's schema and data, once for the same stores.
struct FilePreparation: Sendable {
    private static let batch = 1_000

    let file: ScenarioFile
    let scale: Double
    let seed: UInt64
    let engines: LiveEngines

    /// Counts of the data sets, at the scale.
    var counts: [String: Int] {
        get throws {
            var counts: [String: Int] = [:]
            for set in file.data {
                counts[set.name] = try set.count(scale: scale) ?? set.rows.map { try RowTable($0).rows.count }
            }
            return counts
        }
    }

    func prepare(note: (String) -> Void) async throws {
        guard !file.schema.isEmpty || !file.data.isEmpty else { return }
        guard try await begin() else { return }
        note("schema")
        for (number, statement) in file.schema.sqlite.enumerated() {
            try await step("the schema's statement \(number + 1) for SQLite") {
                try await engines.stores.needSQLite().write { try $0.execute(sql: statement) }
            }
        }
        for (number, statement) in file.schema.graph.enumerated() {
            try await step("the schema's statement \(number + 1) for the graph") {
                _ = try await engines.stores.needGraph().execute(statement)
            }
        }
        for command in file.schema.redis {
            try await step("the schema's \(command.name) for Redis") {
                _ = try await engines.stores.needRedis().send(StepRunner.command(command, [:]))
            }
        }
        let counts = try counts
        for (number, set) in file.data.enumerated() {
            note("\(counts[set.name] ?? 0) \(set.name)")
            try await step("the data \(set.name)") {
                try await fill(set, counts, SplitMix64(seed: seed).split(number))
            }
        }
        try await finish()
    }

    private func step(_ name: String, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw PreparationError(description: "\(file.id): \(name) failed: \(error)")
        }
    }

    // MARK: A note of what was made, in the stores themselves

    private var fingerprint: String { "\(scale) \(file.schema.hashText) \(file.data.hashText)" }

    /// - Returns: whether there is something to do.
    private func begin() async throws -> Bool {
        let id = file.id, fingerprint = fingerprint
        // Without SQLite there is no place for the note, and the data is made each time.
        guard let sqlite = engines.stores.sqlite else { return true }
        let found = try await sqlite.write { db -> (String, Bool)? in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS trivet_scenarios (
                        id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, is_complete INTEGER NOT NULL)
                    """)
            let row = try Row.fetchOne(db, sql: "SELECT * FROM trivet_scenarios WHERE id = ?", arguments: [id])
            if let row { return (row["fingerprint"], row["is_complete"]) }
            try db.execute(
                sql: "INSERT INTO trivet_scenarios VALUES (?, ?, 0)", arguments: [id, fingerprint])
            return nil
        }
        guard let found else { return true }
        if found == (fingerprint, true) { return false }
        throw PreparationError(
            description: """
                The stores hold data of the scenario \(id) \(found.1 ? "with another schema, other data, or another --scale" : "that was cut short"). \
                Use another folder, or run what made it.
                """)
    }

    private func finish() async throws {
        let id = file.id
        try await engines.stores.sqlite?.write { db in
            try db.execute(sql: "UPDATE trivet_scenarios SET is_complete = 1 WHERE id = ?", arguments: [id])
        }
    }

    // MARK: Rows

    private func fill(_ set: DataSetDefinition, _ counts: [String: Int], _ generator: SplitMix64) async throws {
        var generator = generator
        let table = try await onThread("trivet-rows") { try set.rows.map { try RowTable($0) } }
        let sources = try ValueSources(
            (file.values + set.values).map { try ValueSource($0, counts: counts, table: { try RowTable($0) }) })
        let count = counts[set.name] ?? 0
        for start in stride(from: 0, to: count, by: Self.batch) {
            try Task.checkCancellation()
            let rows = (start..<min(start + Self.batch, count)).map { row -> ValueSource.Values in
                var known: ValueSource.Values = [:]
                for column in table?.columns ?? [] { known[column] = table?.value(column, row: row) }
                return sources.draw(known, row: row, using: &generator)
            }
            try await insert(rows, of: set)
        }
    }

    private func insert(_ rows: [ValueSource.Values], of set: DataSetDefinition) async throws {
        if let statement = set.sqlite {
            try await engines.stores.needSQLite().write { db in
                for values in rows { _ = try StepRunner.execute(statement, values, in: db) }
            }
        }
        if let statement = set.graph {
            let graph = try engines.stores.needGraph()
            if statement.parameters.contains("rows") {
                let names = rows.first.map { $0.keys.sorted() } ?? []
                var parameters = StepRunner.graphParameters(statement, [:])
                parameters["rows"] = .list(
                    rows.map { values in
                        .structure(GraphFields(names.map { GraphField($0, values[$0]?.graphValue ?? .null) }))
                    })
                _ = try await graph.execute(statement.text, parameters)
            } else {
                try await graph.write { connection in
                    for values in rows {
                        _ = try connection.query(statement.text, StepRunner.graphParameters(statement, values))
                    }
                }
            }
        }
        if !set.redis.isEmpty {
            let commands = rows.flatMap { values in set.redis.map { StepRunner.command($0, values) } }
            for reply in try await engines.stores.needRedis().pipeline(commands) { _ = try reply.get() }
        }
    }
}

/// A scenario's schema or data could not be made, or the stores hold what another version of it made.
package struct PreparationError: Error, Sendable, CustomStringConvertible {
    package var description: String
}

extension SchemaDefinition {
    /// The same for the same schema, over processes too.
    fileprivate var hashText: String {
        ((sqlite + graph).joined(separator: ";") + redis.map { "\($0)" }.joined()).hashText
    }
}

extension [DataSetDefinition] {
    /// Likewise. Files are told by their names, wherever the scenario's file lies.
    fileprivate var hashText: String {
        map { set -> String in
            var set = set
            set.rows = set.rows?.withoutFolder
            for index in set.values.indices {
                guard case .column(let file, let column, let order) = set.values[index].generator else { continue }
                set.values[index].generator = .column(file.withoutFolder, column: column, order: order)
            }
            return "\(set)"
        }.joined(separator: ";").hashText
    }
}

extension RowFileDefinition {
    fileprivate var withoutFolder: RowFileDefinition {
        var file = self
        file.path = String(path.split(separator: "/").last ?? "")
        return file
    }
}

extension String {
    /// FNV-1a.
    fileprivate var hashText: String {
        let hash = utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
