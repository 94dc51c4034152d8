/// How a statement for many rows of parameters is made of the statement for one.
package enum GraphBatch: Sendable, Hashable {
    /// From its text, which must only create.
    case derived
    /// This is it: it begins with ``prefix``, and has ``field(_:)`` where the other one has a parameter.
    case text(String)

    static let rows = "trivet_rows"
    /// What each row is called.
    package static let row = "trivet_row"
    package static let prefix = "UNWIND $\(rows) AS \(row) "

    /// A row's value for a parameter.
    package static func field(_ parameter: String) -> String { "\(row).`\(parameter)`" }
}

/// A statement for many rows of parameters at once: `UNWIND` costs little more for a hundred rows than for one.
struct StatementBatch {
    let text: String
    let parameters: GraphParameters

    /// - Returns: nil where it might do something else than the statement by itself, row by row.
    init?(_ statement: StatementText, _ batch: GraphBatch, _ rows: [GraphParameters]) {
        let names = statement.parameterNames
        guard let first = rows.first, !names.isEmpty,
            // Fields of a struct are the same in upper and lower case.
            Set(names.map { $0.lowercased() }).count == names.count,
            !names.contains(GraphBatch.rows), !statement.words.contains(GraphBatch.row)
        else { return nil }
        let types = first.entries.map { ($0.name, $0.value.typeName) }
        guard Set(types.map(\.0)) == Set(names), types.allSatisfy({ Self.isPlain($0.1) }) else { return nil }
        for row in rows {
            guard row.entries.elementsEqual(types, by: { $0.name == $1.0 && $0.value.typeName == $1.1 }) else {
                return nil
            }
        }
        switch batch {
        case .derived:
            guard statement.onlyCreates else { return nil }
            text = GraphBatch.prefix + statement.replacingParameters { name, _ in GraphBatch.field(name) }
        case .text(let given): text = given
        }
        parameters = [GraphBatch.rows: GraphValue.list(rows.map { .structure(GraphFields($0.entries)) })]
    }

    /// Whether the engine makes the same of a value within a struct as of one by itself.
    private static func isPlain(_ type: String) -> Bool {
        switch type {
        case "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "DOUBLE", "STRING",
            "DATE":
            true
        default: false
        }
    }
}

extension GraphConnection {
    /// Runs a statement once for each row of parameters, in one call of the engine.
    ///
    /// - Returns: what the statement for all of them has returned; nil where that can't be done, and then nothing was run.
    /// - Throws: as ``query(_:_:)``.
    package func query(
        _ cypher: String, forEach rows: [GraphParameters], as batch: GraphBatch
    ) throws -> GraphResult? {
        let statement = cache.text(cypher)
        guard let batch = StatementBatch(statement, batch, rows) else { return nil }
        // Each as if it came by itself (H9).
        for row in rows {
            guard try ParameterBinding(row, for: statement, on: self).conversions.isEmpty else { return nil }
        }
        do {
            var rows = try run(cache.text(batch.text), batch.parameters)
            return try rows.readAll()
        } catch let error as GraphError {
            throw error.telling(of: cypher)
        }
    }
}
