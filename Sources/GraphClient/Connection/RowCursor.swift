import CGraphEngine

/// The rows of a result, read one after the other. Owns the engine's result and destroys it once.
struct RowCursor: ~Copyable {
    private var result: graph_query_result
    private var tuple = graph_flat_tuple()
    private let engine: GraphEngine
    let columns: GraphColumns
    private let types: [graph_type_id]
    let count: Int

    /// Takes the result over.
    /// - Parameter columns: the names where they are known; the types depend on the parameters and are asked for each time.
    init(taking result: inout graph_query_result, engine: GraphEngine, columns: GraphColumns?) {
        self.result = result
        self.engine = engine
        let width = engine.functions.query_result_get_num_columns(&result)
        self.columns = columns ?? GraphColumns((0..<width).map { Self.name(of: $0, in: &result, engine) })
        types = (0..<width).map { Self.type(of: $0, in: &result, engine) }
        count = Int(engine.functions.query_result_get_num_tuples(&result))
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
        let reader = ValueReader(engine: engine)
        let values = try [GraphValue](unsafeUninitializedCapacity: types.count) { buffer, count in
            for type in types {
                var value = graph_value()
                guard engine.functions.flat_tuple_get_value(&tuple, UInt64(count), &value) == GRAPH_SUCCESS else {
                    throw GraphError.unexpectedResult(
                        "The engine gave no value for the column \(columns.names[count]).")
                }
                defer { engine.functions.value_destroy(&value) }
                buffer.initializeElement(at: count, to: try reader.read(&value, type: type))
                count += 1
            }
        }
        return GraphRow(columns: columns, values: values)
    }

    mutating func readAll() throws -> GraphResult {
        var rows: [GraphRow] = []
        rows.reserveCapacity(count)
        while let row = try next() { rows.append(row) }
        return GraphResult(columns: columns, rows: rows)
    }

    private static func name(of index: UInt64, in result: inout graph_query_result, _ engine: GraphEngine) -> String {
        var name: UnsafeMutablePointer<CChar>?
        guard engine.functions.query_result_get_column_name(&result, index, &name) == GRAPH_SUCCESS, let name else {
            return "column\(index)"
        }
        defer { engine.functions.destroy_string(name) }
        return String(cString: name)
    }

    private static func type(of index: UInt64, in result: inout graph_query_result, _ engine: GraphEngine)
        -> graph_type_id
    {
        var type = graph_logical_type()
        guard engine.functions.query_result_get_column_data_type(&result, index, &type) == GRAPH_SUCCESS else {
            return GRAPH_ANY
        }
        defer { engine.functions.data_type_destroy(&type) }
        return engine.functions.data_type_get_id(&type)
    }
}
