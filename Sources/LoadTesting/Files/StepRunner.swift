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

    // MARK: Each by itself

    func run(_ statement: StepDefinition.Statement, _ values: Values) async throws -> StepAnswer {
        switch statement {
        case .sqlite(let text):
            if text.writes { return try await engines.sqlite.write { try Self.execute(text, values, in: $0) } }
            return try await engines.sqlite.read { try Self.execute(text, values, in: $0) }
        case .graph(let text):
            let parameters = Self.graphParameters(text, values)
            let result =
                text.writes
                ? try await engines.graph.execute(text.text, parameters)
                : try await engines.graph.query(text.text, parameters)
            return StepAnswer(result)
        case .redis(let commands):
            if commands.count == 1 {
                return StepAnswer(try await engines.redis.send(Self.command(commands[0], values)))
            }
            return try await pipeline(commands.map { Self.command($0, values) })
        }
    }

    /// Redis' commands in one pipeline; the answer has a row for each.
    func pipeline(_ commands: [RedisCommand]) async throws -> StepAnswer {
        let replies = await engines.redis.pipeline(commands)
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
        let statement = try database.cachedStatement(sql: text.text)
        let arguments = text.parameters.map { ($0, values[$0]?.databaseValue ?? .null) }
        let rows = try Row.fetchAll(
            statement, arguments: StatementArguments(Dictionary(uniqueKeysWithValues: arguments)))
        return StepAnswer(
            rows: rows.map { $0.databaseValues.map(FieldValue.init) }, changes: database.changesCount)
    }

    static func graphParameters(_ text: StatementText, _ values: Values) -> GraphParameters {
        GraphParameters(
            Dictionary(uniqueKeysWithValues: text.parameters.map { ($0, values[$0]?.graphValue ?? .null) }))
    }

    static func command(_ text: RedisCommandText, _ values: Values) -> RedisCommand {
        RedisCommand(text.name, arguments: text.arguments.map { .string($0.text { values[$0] }) })
    }
}
