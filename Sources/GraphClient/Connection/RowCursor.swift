import CGraphEngine

/// The rows of a result, read one after the other. Owns the engine's result and destroys it once.
struct RowCursor: ~Copyable {
    private var result: graph_query_result
    private var tuple = graph_flat_tuple()
    private let engine: GraphEngine
    private var shape: ResultShape
    /// Set while the types are those of another result, and may prove to be wrong.
    private var guess: PreparedStatement?
    let count: Int

    /// Takes the result over.
    /// - Parameter prepared: the statement that it is of, if its columns' names are what they were at the last call.
    init(taking result: inout graph_query_result, of prepared: PreparedStatement?, engine: GraphEngine) {
        self.result = result
        self.engine = engine
        count = Int(engine.functions.query_result_get_num_tuples(&result))
        let known = prepared?.shape
        if let known, known.isProvenByReading {
            shape = known
            guess = prepared
        } else {
            shape = ResultShape(of: &result, columns: known?.columns, engine: engine)
            prepared?.shape = shape
        }
    }

    deinit {
        // The engine's functions take a pointer that they may write to; `self` is constant here.
        var result = result
        var tuple = tuple
        if tuple.pointer != nil { engine.functions.flat_tuple_destroy(&tuple) }
        engine.functions.query_result_destroy(&result)
    }

    mutating func next() throws -> GraphRow? {
        guard engine.functions.query_result_has_next(&result) else { return nil }
        if tuple.pointer != nil { engine.functions.flat_tuple_destroy(&tuple) }
        tuple = graph_flat_tuple()
        guard engine.functions.query_result_get_next(&result, &tuple) == GRAPH_SUCCESS else {
            throw GraphError.unexpectedResult("The engine announced a row and gave none.")
        }
        while true {
            do {
                return GraphRow(columns: shape.columns, values: try values())
            } catch {
                guard let prepared = guess else { throw error }
                // The guess was wrong, or so is the value: which, the second reading shows.
                guess = nil
                shape = ResultShape(of: &result, columns: shape.columns, engine: engine)
                prepared.shape = shape
            }
        }
    }

    /// The values of the row that `tuple` is.
    private mutating func values() throws -> [GraphValue] {
        let reader = ValueReader(engine: engine)
        let types = shape.types
        var values: [GraphValue] = []
        values.reserveCapacity(types.count)
        for column in types.indices {
            var value = graph_value()
            guard engine.functions.flat_tuple_get_value(&tuple, UInt64(column), &value) == GRAPH_SUCCESS else {
                throw GraphError.unexpectedResult(
                    "The engine gave no value for the column \(shape.columns.names[column]).")
            }
            defer { engine.functions.value_destroy(&value) }
            values.append(try reader.read(&value, type: types[column]))
        }
        return values
    }

    mutating func readAll() throws -> GraphResult {
        var rows: [GraphRow] = []
        rows.reserveCapacity(count)
        while let row = try next() { rows.append(row) }
        return GraphResult(columns: shape.columns, rows: rows)
    }
}
