import CGraphEngine

/// The columns of a result.
final class ResultShape {
    let columns: GraphColumns
    let types: [graph_type_id]
    /// Whether the engine's getters refuse values of other types than these. Types depend on the parameters: those of one
    /// result are a guess at those of the next, which may be used if reading would prove it wrong.
    let isProvenByReading: Bool

    init(columns: GraphColumns, types: [graph_type_id]) {
        self.columns = columns
        self.types = types
        isProvenByReading = types.allSatisfy(\.hasStrictGetter)
    }

    /// Asks the engine, for each column what is not known of it.
    convenience init(of result: inout graph_query_result, columns: GraphColumns?, engine: GraphEngine) {
        let width = engine.functions.query_result_get_num_columns(&result)
        self.init(
            columns: columns ?? GraphColumns((0..<width).map { Self.name(of: $0, in: &result, engine) }),
            types: (0..<width).map { Self.type(of: $0, in: &result, engine) })
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

extension graph_type_id {
    fileprivate var hasStrictGetter: Bool {
        switch self {
        case GRAPH_BOOL, GRAPH_STRING, GRAPH_DATE, GRAPH_TIMESTAMP, GRAPH_FLOAT, GRAPH_DOUBLE, GRAPH_INT8, GRAPH_INT16,
            GRAPH_INT32, GRAPH_INT64, GRAPH_UINT8, GRAPH_UINT16, GRAPH_UINT32, GRAPH_UINT64:
            true
        default:
            false
        }
    }
}
