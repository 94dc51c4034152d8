import CGraphEngine
import Foundation

@testable import GraphClient

/// A database in the hands of the engine alone, without the client that guards against its hazards: to show them.
final class RawDatabase {
    struct OpenFailure: Error, Equatable {
        /// Empty where the engine gives none.
        var reason: String
    }

    let engine: GraphEngine
    private(set) var handle = graph_database()

    /// Opens as ``GraphDatabase`` does, in a test that runs on the engine that the environment names.
    init(_ path: String, engine: GraphEngine? = nil, refusesDamagedLog: Bool = true) throws {
        self.engine = try engine ?? GraphEngine.load()
        let options = graph_engine_options(
            buffer_pool_size: 64 << 20, max_num_threads: 2, max_db_size: 1 << 30, enable_compression: true,
            read_only: false, refuse_damaged_log: refusesDamagedLog)
        var reason = [CChar](repeating: 0, count: 1024)
        let state = withUnsafePointer(to: self.engine.table) {
            graph_engine_open($0, path, options, &handle, &reason, reason.count)
        }
        guard state == GRAPH_SUCCESS else {
            throw OpenFailure(
                reason: String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        _ = connect().run("CALL force_checkpoint_on_close=false")
    }

    func connect() -> RawConnection {
        var connection = graph_connection()
        _ = engine.functions.connection_init(&handle, &connection)
        return RawConnection(engine: engine, handle: connection)
    }

    /// Connections have to be closed before.
    func close() {
        engine.functions.database_destroy(&handle)
    }
}

final class RawConnection {
    let engine: GraphEngine
    var handle: graph_connection

    init(engine: GraphEngine, handle: graph_connection) {
        self.engine = engine
        self.handle = handle
    }

    deinit { engine.functions.connection_destroy(&handle) }

    /// The error of a statement; nil for none.
    func run(_ cypher: String) -> String? {
        withResult(of: cypher) { result, isSuccess in isSuccess ? nil : message(of: &result) }
    }

    /// What a statement returns in its only row and column.
    func value(_ cypher: String) throws -> GraphValue? {
        try withResult(of: cypher) { result, isSuccess in
            guard isSuccess, engine.functions.query_result_has_next(&result) else { return nil }
            var row = graph_flat_tuple()
            var value = graph_value()
            var type = graph_logical_type()
            guard engine.functions.query_result_get_next(&result, &row) == GRAPH_SUCCESS,
                engine.functions.flat_tuple_get_value(&row, 0, &value) == GRAPH_SUCCESS
            else { return nil }
            engine.functions.value_get_data_type(&value, &type)
            defer {
                engine.functions.data_type_destroy(&type)
                engine.functions.value_destroy(&value)
                engine.functions.flat_tuple_destroy(&row)
            }
            return try ValueReader(engine: engine).read(&value, type: engine.functions.data_type_get_id(&type))
        }
    }

    func withResult<T>(of cypher: String, _ body: (inout graph_query_result, Bool) throws -> T) rethrows -> T {
        var result = graph_query_result()
        let state = engine.functions.connection_query(&handle, cypher, &result)
        defer { if result.pointer != nil { engine.functions.query_result_destroy(&result) } }
        return try body(&result, state == GRAPH_SUCCESS)
    }

    func message(of result: inout graph_query_result) -> String {
        guard result.pointer != nil, let text = engine.functions.query_result_get_error_message(&result) else {
            return ""
        }
        defer { engine.functions.destroy_string(text) }
        return String(cString: text)
    }
}
