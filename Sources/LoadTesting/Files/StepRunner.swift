import GRDB
import GraphClient
import NIOCore
import RedisClient
import Scenarios
import Stores
import Transactions

/// Runs statements of a scenario's file.
struct StepRunner: Sendable {
    typealias Values = ValueSource.Values

    let engines: LiveEngines
    /// Another program's connection to SQLite, where a file has statements for it.
    var stranger: Stranger?
    /// Tables that Redis follows, where a file has mappings.
    var followed: FollowedTables?

    /// One with what a file needs, for the length of `body`.
    static func withRunner<Value: Sendable>(
        for file: ScenarioFile, on engines: LiveEngines, followed: FollowedTables? = nil,
        _ body: (StepRunner) async throws -> Value
    ) async throws -> Value {
        let isStrange = file.operations.contains { $0.steps.contains(where: \.isOutside) }
        // In a worker's client the stores are not open.
        guard isStrange, let sqlite = engines.stores.sqlite else {
            return try await body(StepRunner(engines: engines, followed: followed))
        }
        let stranger = try await Stranger(path: sqlite.path)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(StepRunner(engines: engines, stranger: stranger, followed: followed)))
        } catch {
            result = .failure(error)
        }
        try? await stranger.close()
        return try result.get()
    }

    // MARK: Each by itself

    /// Which operation does something, and whether what it does is counted.
    struct Doer: Sendable {
        var operation: Int
        var isCounted: Bool
    }

    func run(_ step: StepDefinition, _ values: Values, by doer: Doer) async throws -> StepAnswer {
        guard case .sqlite(let text) = step.statement else { return try await run(step.statement, values) }
        if let cached = step.cached { return try await ask(cached, step.statement, values) }
        guard step.isOutside || step.lag != nil else { return try await run(step.statement, values) }
        let table = try step.lag.map { try needFollowed().table($0) }, meter = followed?.meter
        let change: @Sendable (Database) throws -> StepAnswer = { database in
            let (rows, changes) = try Self.fetch(text, values, in: database)
            for row in rows {
                guard let table, let meter else { break }
                let (key, version) = try table.change(row)
                meter.expect(key, version: version, by: doer.operation, isCounted: doer.isCounted, in: database)
            }
            return StepAnswer(rows, changes: changes)
        }
        guard step.isOutside else { return try await engines.stores.needSQLite().write(change) }
        guard let stranger else { throw WrongAnswer(description: "this run has no other connection to SQLite") }
        return try await stranger.write(change)
    }

    private func needFollowed() throws -> FollowedTables {
        guard let followed else { throw WrongAnswer(description: "this run has no mappings") }
        return followed
    }

    /// What Redis keeps of an answer, or the answer's first value, which it keeps from then on.
    private func ask(
        _ cached: StepDefinition.CachedAnswer, _ statement: StepDefinition.Statement, _ values: Values
    ) async throws -> StepAnswer {
        let key = CacheKey(cached.key.text { values[$0] })
        let text: String? = try await engines.stores.needCoordinator().cached(key, expiry: cached.expiry) {
            let first = try await run(statement, values).first
            return first == .null ? nil : first.description
        }
        return StepAnswer(value: text.map { .text($0) } ?? .null)
    }

    func run(_ statement: StepDefinition.Statement, _ values: Values) async throws -> StepAnswer {
        switch statement {
        case .sqlite(let text):
            let sqlite = try engines.stores.needSQLite()
            if text.writes { return try await sqlite.write { try Self.execute(text, values, in: $0) } }
            return try await sqlite.read { try Self.execute(text, values, in: $0) }
        case .graph(let text):
            let parameters = Self.graphParameters(text, values)
            let graph = try engines.stores.needGraph()
            let result =
                text.writes
                ? try await graph.execute(text.text, parameters)
                : try await graph.query(text.text, parameters)
            return StepAnswer(result)
        case .redis(let commands):
            if commands.count == 1 {
                return StepAnswer(try await engines.stores.needRedis().send(Self.command(commands[0], values)))
            }
            return try await pipeline(commands.map { Self.command($0, values) })
        }
    }

    /// Redis' commands in one pipeline; the answer has a row for each.
    func pipeline(_ commands: [RedisCommand]) async throws -> StepAnswer {
        let replies = try await engines.stores.needRedis().pipeline(commands)
        return StepAnswer(rows: try replies.map { [FieldValue(try $0.get())] })
    }

    // MARK: In a transaction

    func run(
        _ statement: StepDefinition.Statement, _ values: Values, in transaction: isolated Transaction
    ) async throws -> StepAnswer {
        switch statement {
        case .sqlite(let text):
            if text.writes { return try await transaction.sqlite { try Self.execute(text, values, in: $0) } }
            return try await transaction.readSQLite { try Self.execute(text, values, in: $0) }
        case .graph(let text):
            return StepAnswer(try await transaction.graph.query(text.text, Self.graphParameters(text, values)))
        case .redis(let commands):
            var answer = StepAnswer(rows: [])
            for command in commands {
                answer = try await CoordinatedRedis.run(Self.command(command, values), in: transaction.redis)
            }
            return answer
        }
    }

    // MARK: In a snapshot

    func run(_ statement: StepDefinition.Statement, _ values: Values, in snapshot: Snapshot) async throws -> StepAnswer
    {
        switch statement {
        case .sqlite(let text): return try await snapshot.sqlite { try Self.execute(text, values, in: $0) }
        case .graph(let text):
            return StepAnswer(try await snapshot.graph(text.text, Self.graphParameters(text, values)))
        case .redis(let commands):
            var answer = StepAnswer(rows: [])
            for command in commands {
                answer = try await CoordinatedRedis.read(Self.command(command, values), in: snapshot.redis)
            }
            return answer
        }
    }

    // MARK: Parameters

    static func execute(_ text: StatementText, _ values: Values, in database: Database) throws -> StepAnswer {
        let (rows, changes) = try fetch(text, values, in: database)
        return StepAnswer(rows, changes: changes)
    }

    private static func fetch(
        _ text: StatementText, _ values: Values, in database: Database
    ) throws -> (rows: [Row], changes: Int) {
        let statement = try database.cachedStatement(sql: text.text)
        let arguments = text.parameters.map { ($0, values[$0]?.databaseValue ?? .null) }
        let rows = try Row.fetchAll(
            statement, arguments: StatementArguments(Dictionary(uniqueKeysWithValues: arguments)))
        // What only reads leaves the number of an earlier statement's changes as it was.
        return (rows, statement.isReadonly ? 0 : database.changesCount)
    }

    static func graphParameters(_ text: StatementText, _ values: Values) -> GraphParameters {
        GraphParameters(
            Dictionary(uniqueKeysWithValues: text.parameters.map { ($0, values[$0]?.graphValue ?? .null) }))
    }

    static func command(_ text: RedisCommandText, _ values: Values) -> RedisCommand {
        RedisCommand(text.name, arguments: text.arguments.map { .string($0.text { values[$0] }) })
    }
}
