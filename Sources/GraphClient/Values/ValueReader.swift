import CGraphEngine
import Foundation

/// Copies values out of the engine's memory, which the next row reuses (H12).
struct ValueReader {
    let engine: GraphEngine

    /// The value of a known type; getters of a NULL would report success with 0, so NULL is asked first.
    func read(_ value: inout graph_value, type: graph_type_id) throws -> GraphValue {
        if engine.functions.value_is_null(&value) { return .null }
        switch type {
        case GRAPH_BOOL: return .bool(try scalar(&value, false, engine.functions.value_get_bool))
        case GRAPH_INT64, GRAPH_SERIAL: return .int64(try scalar(&value, 0, engine.functions.value_get_int64))
        case GRAPH_INT32: return .int32(try scalar(&value, 0, engine.functions.value_get_int32))
        case GRAPH_INT16: return .int16(try scalar(&value, 0, engine.functions.value_get_int16))
        case GRAPH_INT8: return .int8(try scalar(&value, 0, engine.functions.value_get_int8))
        case GRAPH_UINT64: return .uint64(try scalar(&value, 0, engine.functions.value_get_uint64))
        case GRAPH_UINT32: return .uint32(try scalar(&value, 0, engine.functions.value_get_uint32))
        case GRAPH_UINT16: return .uint16(try scalar(&value, 0, engine.functions.value_get_uint16))
        case GRAPH_UINT8: return .uint8(try scalar(&value, 0, engine.functions.value_get_uint8))
        case GRAPH_DOUBLE: return .double(try scalar(&value, 0, engine.functions.value_get_double))
        case GRAPH_FLOAT: return .float(try scalar(&value, 0, engine.functions.value_get_float))
        case GRAPH_STRING: return .string(try text(&value, engine.functions.value_get_string))
        default: return try readRare(&value, type: type)
        }
    }

    private func readRare(_ value: inout graph_value, type: graph_type_id) throws -> GraphValue {
        switch type {
        case GRAPH_INT128:
            let number = try scalar(&value, graph_int128(), engine.functions.value_get_int128)
            return .int128(Int128(number.high) << 64 | Int128(number.low))
        case GRAPH_DECIMAL:
            let digits = try text(&value, engine.functions.value_get_decimal_as_string)
            guard let decimal = GraphDecimal(engineText: digits) else { throw unreadable("DECIMAL", digits) }
            return .decimal(decimal)
        case GRAPH_UUID:
            let digits = try text(&value, engine.functions.value_get_uuid)
            guard let uuid = UUID(uuidString: digits) else { throw unreadable("UUID", digits) }
            return .uuid(uuid)
        case GRAPH_BLOB:
            return .blob(try blob(&value))
        case GRAPH_DATE:
            return .date(
                GraphDate(daysSince1970: try scalar(&value, graph_date(), engine.functions.value_get_date).days))
        case GRAPH_TIMESTAMP: return try timestamp(&value, .microseconds, engine.functions.value_get_timestamp)
        case GRAPH_TIMESTAMP_SEC: return try timestamp(&value, .seconds, engine.functions.value_get_timestamp_sec)
        case GRAPH_TIMESTAMP_MS: return try timestamp(&value, .milliseconds, engine.functions.value_get_timestamp_ms)
        case GRAPH_TIMESTAMP_NS: return try timestamp(&value, .nanoseconds, engine.functions.value_get_timestamp_ns)
        case GRAPH_TIMESTAMP_TZ:
            return try timestamp(&value, .microsecondsWithTimeZone, engine.functions.value_get_timestamp_tz)
        case GRAPH_INTERVAL:
            let interval = try scalar(&value, graph_interval(), engine.functions.value_get_interval)
            return .interval(
                GraphInterval(months: interval.months, days: interval.days, microseconds: interval.micros))
        case GRAPH_INTERNAL_ID:
            return .internalID(try internalID(&value))
        default:
            return try readNested(&value, type: type)
        }
    }

    // MARK: - Building blocks

    typealias Getter<T> = (UnsafeMutablePointer<graph_value>, UnsafeMutablePointer<T>) -> graph_state

    @inline(__always)
    func scalar<T>(_ value: inout graph_value, _ initial: T, _ get: Getter<T>) throws -> T {
        var result = initial
        guard get(&value, &result) == GRAPH_SUCCESS else { throw unreadable("\(T.self)", "the engine refused it") }
        return result
    }

    func text(_ value: inout graph_value, _ get: Getter<UnsafeMutablePointer<CChar>?>) throws -> String {
        try take(scalar(&value, nil, get))
    }

    /// Copies and frees a text that the engine handed over.
    func take(_ text: UnsafeMutablePointer<CChar>?) throws -> String {
        guard let text else { throw unreadable("text", "the engine gave none") }
        defer { engine.functions.destroy_string(text) }
        return String(cString: text)
    }

    /// Calls `get` for a value inside of `parent`, reads it as its own type and frees it once.
    func child(
        _ parent: inout graph_value, type: graph_type_id? = nil,
        _ get: (UnsafeMutablePointer<graph_value>, UnsafeMutablePointer<graph_value>) -> graph_state
    ) throws -> GraphValue {
        var child = try scalar(&parent, graph_value(), get)
        defer { engine.functions.value_destroy(&child) }
        return try read(&child, type: type ?? typeID(of: &child))
    }

    private func typeID(of value: inout graph_value) -> graph_type_id {
        var type = graph_logical_type()
        engine.functions.value_get_data_type(&value, &type)
        defer { engine.functions.data_type_destroy(&type) }
        return engine.functions.data_type_get_id(&type)
    }

    func internalID(_ value: inout graph_value) throws -> GraphInternalID {
        let id = try scalar(&value, graph_internal_id(), engine.functions.value_get_internal_id)
        return GraphInternalID(table: id.table_id, offset: id.offset)
    }

    private func timestamp(
        _ value: inout graph_value, _ precision: GraphTimestamp.Precision, _ get: Getter<graph_timestamp>
    ) throws -> GraphValue {
        .timestamp(GraphTimestamp(try scalar(&value, graph_timestamp(), get).value, precision))
    }

    /// Kùzu's getter for blobs tells no length, so a zero byte would end them; its text form keeps every byte, as itself
    /// or as `\xHH`.
    private func blob(_ value: inout graph_value) throws -> [UInt8] {
        if let get = engine.extras.value_get_blob { return try blob(&value, get) }
        guard let text = engine.functions.value_to_string(&value) else {
            throw unreadable("BLOB", "the engine gave none")
        }
        defer { engine.functions.destroy_string(text) }
        let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
        guard let blob = BlobText.decode(bytes) else { throw unreadable("BLOB", String(cString: text)) }
        return blob
    }

    private func blob(
        _ value: inout graph_value,
        _ get: (
            UnsafeMutablePointer<graph_value>, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
            UnsafeMutablePointer<UInt64>
        ) -> graph_state
    ) throws -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length: UInt64 = 0
        guard get(&value, &bytes, &length) == GRAPH_SUCCESS else { throw unreadable("BLOB", "the engine refused it") }
        defer { if let bytes { engine.functions.destroy_blob(bytes) } }
        return Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : Int(length)))
    }

    func unreadable(_ type: String, _ detail: String) -> GraphError {
        .unexpectedResult("The engine returned a \(type) that can't be read: \(detail)")
    }
}
