/// Where a keyed container finds its fields.
enum FieldSource {
    case row(GraphColumns, [GraphValue])
    case named(GraphFields)

    func value(for name: String, hint: Int) -> (GraphValue, Int)? {
        switch self {
        case .row(let columns, let values):
            guard let index = columns.index(of: name, hint: hint) else { return nil }
            return (values[index], index)
        case .named(let fields):
            return fields[name].map { ($0, hint) }
        }
    }

    var names: [String] {
        switch self {
        case .row(let columns, _): columns.names
        case .named(let fields): fields.map(\.name)
        }
    }
}

final class FieldsContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let fields: FieldSource
    let codingPath: [any CodingKey]
    private let decoder: RowValueDecoder
    /// The column after the one asked for last: types tend to ask in the order of the columns.
    private var hint = 0

    init(fields: FieldSource, codingPath: [any CodingKey], decoder: RowValueDecoder) {
        self.fields = fields
        self.codingPath = codingPath
        self.decoder = decoder
    }

    var allKeys: [Key] { fields.names.compactMap(Key.init(stringValue:)) }

    func contains(_ key: Key) -> Bool { fields.value(for: key.stringValue, hint: hint) != nil }

    private func value(_ key: Key) throws -> GraphValue {
        guard let (value, index) = fields.value(for: key.stringValue, hint: hint) else {
            throw DecodingError.keyNotFound(
                key,
                .init(
                    codingPath: codingPath,
                    debugDescription: "no \"\(key.stringValue)\" among \(fields.names.joined(separator: ", "))"))
        }
        hint = index + 1
        return value
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        guard let (value, index) = fields.value(for: key.stringValue, hint: hint) else { return true }
        guard case .null = value else { return false }
        hint = index + 1
        return true
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let value = try value(key)
        let path = { self.codingPath + [key] }
        if let plain = try value.plain(as: type, at: path()) { return plain }
        return try T(from: RowValueDecoder(.value(value), codingPath: path()))
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        if case .string(let text) = try value(key) { return text }
        return try mismatch(type, key)
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        if case .bool(let flag) = try value(key) { return flag }
        return try mismatch(type, key)
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
        let value = try value(key)
        if case .int64(let number) = value { return number }
        return try value.integer(type, at: codingPath + [key])
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        let value = try value(key)
        if case .int64(let number) = value { return Int(number) }
        return try value.integer(type, at: codingPath + [key])
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        let value = try value(key)
        if case .double(let number) = value { return number }
        return try value.floatingPoint(type, at: codingPath + [key])
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try value(key).floatingPoint(type, at: codingPath + [key])
    }
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
        try value(key).integer(type, at: codingPath + [key])
    }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
        try value(key).integer(type, at: codingPath + [key])
    }

    private func mismatch<T>(_ type: T.Type, _ key: Key) throws -> T {
        throw try value(key).mismatch(type, at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nested(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { decoder }
    func superDecoder(forKey key: Key) throws -> any Decoder { try nested(key) }

    private func nested(_ key: Key) throws -> RowValueDecoder {
        RowValueDecoder(.value(try value(key)), codingPath: codingPath + [key])
    }
}

struct ElementsContainer: UnkeyedDecodingContainer {
    let elements: [GraphValue]
    let codingPath: [any CodingKey]
    let decoder: RowValueDecoder
    var currentIndex = 0

    init(elements: [GraphValue], codingPath: [any CodingKey], decoder: RowValueDecoder) {
        self.elements = elements
        self.codingPath = codingPath
        self.decoder = decoder
    }

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private var path: [any CodingKey] { codingPath + [IndexKey(currentIndex)] }

    private func current() throws -> GraphValue {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                GraphValue.self,
                .init(codingPath: path, debugDescription: "the list has only \(elements.count) elements"))
        }
        return elements[currentIndex]
    }

    mutating func decodeNil() throws -> Bool {
        guard try current().isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try current()
        let result = try value.plain(as: type, at: path) ?? T(from: RowValueDecoder(.value(value), codingPath: path))
        currentIndex += 1
        return result
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try nested() }

    private mutating func nested() throws -> RowValueDecoder {
        defer { currentIndex += 1 }
        return RowValueDecoder(.value(try current()), codingPath: path)
    }
}

struct SingleContainer: SingleValueDecodingContainer {
    let value: GraphValue
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool { value.isNull }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try value.plain(as: type, at: codingPath) ?? T(from: RowValueDecoder(.value(value), codingPath: codingPath))
    }
}
