/// A statement that only creates, for many rows of parameters at once: `UNWIND` costs little more for a hundred rows than for one.
struct StatementBatch {
    let text: String
    let parameters: GraphParameters

    private static let rows = "trivet_rows"
    private static let row = "trivet_row"

    /// - Returns: nil where it might do something else than the statement by itself, row by row.
    init?(_ statement: StatementText, _ rows: [GraphParameters]) {
        let names = statement.parameterNames
        guard statement.onlyCreates, let first = rows.first, !names.isEmpty,
            // Fields of a struct are the same in upper and lower case.
            Set(names.map { $0.lowercased() }).count == names.count,
            !names.contains(Self.rows), !statement.words.contains(Self.row)
        else { return nil }
        let types = first.entries.map { ($0.name, $0.value.typeName) }
        guard Set(types.map(\.0)) == Set(names), types.allSatisfy({ Self.isPlain($0.1) }) else { return nil }
        for row in rows {
            guard row.entries.elementsEqual(types, by: { $0.name == $1.0 && $0.value.typeName == $1.1 }) else {
                return nil
            }
        }
        text =
            "UNWIND $\(Self.rows) AS \(Self.row) "
            + statement.replacingParameters { name, _ in "\(Self.row).`\(name)`" }
        parameters = [Self.rows: GraphValue.list(rows.map { .structure(GraphFields($0.entries)) })]
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
    /// Runs a statement that only creates once for each row of parameters, in one call of the engine.
    ///
    /// - Returns: false where that can't be done; then nothing was run.
    /// - Throws: as ``query(_:_:)``.
    package func create(_ cypher: String, forEach rows: [GraphParameters]) throws -> Bool {
        let statement = cache.text(cypher)
        guard let batch = StatementBatch(statement, rows) else { return false }
        // Each as if it came by itself (H9).
        for row in rows {
            guard try ParameterBinding(row, for: statement, on: self).conversions.isEmpty else { return false }
        }
        do {
            _ = try run(cache.text(batch.text), batch.parameters)
        } catch let error as GraphError {
            throw error.telling(of: cypher)
        }
        return true
    }
}
