/// A statement of one connection, to run many times with other parameters.
///
/// It holds no object of the engine itself; the connection's cache does. So it can't be run on another connection (H7), and stays usable when
/// the connection starts anew.
public struct GraphStatement {
    let connection: GraphConnection
    let statement: StatementText

    /// The names that `query` and `execute` expect, without `$`.
    public var parameterNames: [String] { statement.parameterNames }

    /// The rows. See ``GraphConnection/query(_:_:)``.
    public func query(_ parameters: GraphParameters = [:]) throws -> GraphResult {
        var rows = try connection.run(statement, parameters)
        return try rows.readAll()
    }

    /// The rows as values of a `Decodable` type.
    public func query<Row: Decodable>(_ parameters: GraphParameters = [:], as type: Row.Type) throws -> [Row] {
        try query(parameters).decode(type)
    }

    /// Runs it where the rows don't matter.
    public func execute(_ parameters: GraphParameters = [:]) throws {
        _ = try connection.run(statement, parameters)
    }
}
