import CGraphEngine
import Foundation

/// Makes the engine's values from ours. Every value it returns is the caller's to destroy.
struct ValueWriter {
    let engine: GraphEngine

    typealias Value = UnsafeMutablePointer<graph_value>

    /// A value of `shape`, which must come from `value` or from a list that holds it.
    func make(_ value: GraphValue, shape: ValueShape) throws -> Value {
        switch (value, shape) {
        case (.null, _):
            let null = try makeDefault(of: shape)
            engine.functions.value_set_null(null, true)
            return null
        case (.list(let elements), .list(let element)), (.array(let elements), .list(let element)):
            guard !elements.isEmpty else { return try makeDefault(of: shape) }
            return try withValues(elements.map { ($0, element) }) { pointers in
                try checked { engine.functions.value_create_list(UInt64(elements.count), pointers, $0) }
            }
        case (.structure(let fields), .structure(let shapes)):
            return try withValues(zip(fields, shapes).map { ($0.value, $1.shape) }) { pointers in
                try makeStruct(names: shapes.map(\.name), values: pointers)
            }
        case (.map(let entries), .map(let key, let value)):
            return try withValues(entries.map { ($0.key, key) }) { keys in
                try withValues(entries.map { ($0.value, value) }) { values in
                    try checked { engine.functions.value_create_map(UInt64(entries.count), keys, values, $0) }
                }
            }
        case (.decimal(let decimal), .decimal(let scale)):
            return try makeDecimal(decimal.description, scale: scale)
        default:
            return try made(makeScalar(value))
        }
    }

    /// Of the most digits that there can be.
    private func makeDecimal(_ digits: String, scale: Int) throws -> Value {
        guard let scale = UInt32(exactly: scale), scale <= 38 else { throw failure }
        return try made(engine.extras.value_create_decimal.flatMap { $0(digits, 38, scale) })
    }

    private func makeScalar(_ value: GraphValue) -> Value? {
        switch value {
        case .bool(let value): engine.functions.value_create_bool(value)
        case .int8(let value): engine.functions.value_create_int8(value)
        case .int16(let value): engine.functions.value_create_int16(value)
        case .int32(let value): engine.functions.value_create_int32(value)
        case .int64(let value): engine.functions.value_create_int64(value)
        case .int128(let value):
            engine.functions.value_create_int128(
                graph_int128(low: UInt64(truncatingIfNeeded: value), high: Int64(truncatingIfNeeded: value >> 64)))
        case .uint8(let value): engine.functions.value_create_uint8(value)
        case .uint16(let value): engine.functions.value_create_uint16(value)
        case .uint32(let value): engine.functions.value_create_uint32(value)
        case .uint64(let value): engine.functions.value_create_uint64(value)
        case .float(let value): engine.functions.value_create_float(value)
        case .double(let value): engine.functions.value_create_double(value)
        case .string(let value): engine.functions.value_create_string(value)
        case .date(let value): engine.functions.value_create_date(graph_date(days: value.daysSince1970))
        case .timestamp(let value): makeTimestamp(value)
        case .interval(let value):
            engine.functions.value_create_interval(
                graph_interval(months: value.months, days: value.days, micros: value.microseconds))
        case .internalID(let value):
            engine.functions.value_create_internal_id(graph_internal_id(table_id: value.table, offset: value.offset))
        case .uuid(let value): engine.extras.value_create_uuid.flatMap { $0(value.uuidString.lowercased()) }
        case .blob(let bytes): engine.extras.value_create_blob.flatMap { $0(bytes, UInt64(bytes.count)) }
        default: nil
        }
    }

    private func makeTimestamp(_ timestamp: GraphTimestamp) -> Value? {
        let count = graph_timestamp(value: timestamp.count)
        return switch timestamp.precision {
        case .seconds: engine.functions.value_create_timestamp_sec(count)
        case .milliseconds: engine.functions.value_create_timestamp_ms(count)
        case .microseconds: engine.functions.value_create_timestamp(count)
        case .nanoseconds: engine.functions.value_create_timestamp_ns(count)
        case .microsecondsWithTimeZone: engine.functions.value_create_timestamp_tz(count)
        }
    }

    // MARK: - Empty lists and typed NULLs

    /// Some value of the type: an empty list, a struct of defaults. The engine has no way to write a struct's or map's type from C,
    /// so those are made by example.
    private func makeDefault(of shape: ValueShape) throws -> Value {
        switch shape {
        case .unknown:
            return try made(engine.functions.value_create_null())
        case .scalar(let type):
            return try withType(type.id) { try made(engine.functions.value_create_default(&$0)) }
        case .decimal(let scale):
            return try makeDecimal("0", scale: scale)
        case .list(let element):
            return try withType(of: element) { elementType in
                var list = graph_logical_type()
                engine.functions.data_type_create(GRAPH_LIST, &elementType, 0, &list)
                defer { engine.functions.data_type_destroy(&list) }
                return try made(engine.functions.value_create_default(&list))
            }
        case .structure(let fields):
            return try withDefaults(fields.map(\.shape)) { try makeStruct(names: fields.map(\.name), values: $0) }
        case .map(let key, let value):
            return try withDefaults([key]) { keys in
                try withDefaults([value]) { values in
                    try checked { engine.functions.value_create_map(1, keys, values, $0) }
                }
            }
        }
    }

    private func withType<R>(_ id: graph_type_id, _ body: (inout graph_logical_type) throws -> R) rethrows -> R {
        var type = graph_logical_type()
        engine.functions.data_type_create(id, nil, 0, &type)
        defer { engine.functions.data_type_destroy(&type) }
        return try body(&type)
    }

    private func withType<R>(of shape: ValueShape, _ body: (inout graph_logical_type) throws -> R) throws -> R {
        let example = try makeDefault(of: shape)
        defer { engine.functions.value_destroy(example) }
        var type = graph_logical_type()
        engine.functions.value_get_data_type(example, &type)
        defer { engine.functions.data_type_destroy(&type) }
        return try body(&type)
    }

    // MARK: - Ownership

    /// The engine copies what lists, structs and maps are made of: every part is destroyed here, made or not.
    private func withValues<R>(
        _ values: [(GraphValue, ValueShape)], _ body: (UnsafeMutablePointer<Value>) throws -> R
    ) throws -> R {
        try withOwned(values, make: { try make($0.0, shape: $0.1) }, body)
    }

    private func withDefaults<R>(
        _ shapes: [ValueShape], _ body: (UnsafeMutablePointer<Value>) throws -> R
    ) throws -> R {
        try withOwned(shapes, make: makeDefault, body)
    }

    private func withOwned<S, R>(
        _ sources: [S], make: (S) throws -> Value, _ body: (UnsafeMutablePointer<Value>) throws -> R
    ) throws -> R {
        var values: [Value] = []
        values.reserveCapacity(sources.count)
        defer { for value in values { engine.functions.value_destroy(value) } }
        for source in sources { values.append(try make(source)) }
        return try values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { throw failure }
            return try body(base)
        }
    }

    private func makeStruct(names: [String], values: UnsafeMutablePointer<Value>) throws -> Value {
        try names.withCStrings { names, count in
            try checked { engine.functions.value_create_struct(UInt64(count), names, values, $0) }
        }
    }

    private func checked(_ create: (UnsafeMutablePointer<Value?>) -> graph_state) throws -> Value {
        var value: Value?
        let state = create(&value)
        if state != GRAPH_SUCCESS, let value { engine.functions.value_destroy(value) }
        guard state == GRAPH_SUCCESS else { throw failure }
        return try made(value)
    }

    private func made(_ value: Value?) throws -> Value {
        guard let value else { throw failure }
        return value
    }

    private var failure: ValueShape.Problem {
        ValueShape.Problem(place: "", reason: "the engine can't make this value.")
    }
}

extension [String] {
    /// The texts as C strings, valid during `body`, in one block of memory.
    fileprivate func withCStrings<R>(
        _ body: (UnsafeMutablePointer<UnsafePointer<CChar>>, Int) throws -> R
    ) throws -> R {
        let bytes = flatMap { Array<CChar>($0.utf8CString) }
        return try bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                throw ValueShape.Problem(place: "", reason: "a struct needs at least one field.")
            }
            var position = 0
            var pointers = map { name in
                defer { position += name.utf8.count + 1 }
                return base + position
            }
            return try pointers.withUnsafeMutableBufferPointer { pointers in
                guard let first = pointers.baseAddress else {
                    throw ValueShape.Problem(place: "", reason: "a struct needs at least one field.")
                }
                return try body(first, pointers.count)
            }
        }
    }
}

extension GraphValue.ScalarType {
    fileprivate var id: graph_type_id {
        switch self {
        case .bool: GRAPH_BOOL
        case .int8: GRAPH_INT8
        case .int16: GRAPH_INT16
        case .int32: GRAPH_INT32
        case .int64: GRAPH_INT64
        case .int128: GRAPH_INT128
        case .uint8: GRAPH_UINT8
        case .uint16: GRAPH_UINT16
        case .uint32: GRAPH_UINT32
        case .uint64: GRAPH_UINT64
        case .float: GRAPH_FLOAT
        case .double: GRAPH_DOUBLE
        case .string: GRAPH_STRING
        case .date: GRAPH_DATE
        case .timestampSeconds: GRAPH_TIMESTAMP_SEC
        case .timestampMilliseconds: GRAPH_TIMESTAMP_MS
        case .timestamp: GRAPH_TIMESTAMP
        case .timestampNanoseconds: GRAPH_TIMESTAMP_NS
        case .timestampTimeZone: GRAPH_TIMESTAMP_TZ
        case .interval: GRAPH_INTERVAL
        case .internalID: GRAPH_INTERNAL_ID
        case .uuid: GRAPH_UUID
        case .blob: GRAPH_BLOB
        }
    }
}
