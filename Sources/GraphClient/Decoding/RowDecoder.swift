import Foundation

/// Decodes rows: by column for a type with keys, as the value itself for a single column.
struct RowDecoder {
    func decode<T: Decodable>(_ type: T.Type, from row: GraphRow) throws -> T {
        if row.values.count == 1, let value = try row.values[0].plain(as: type, at: []) { return value }
        return try T(from: RowValueDecoder(.row(row), codingPath: []))
    }
}

/// What a decoder looks at.
enum DecodedValue {
    case row(GraphRow)
    case value(GraphValue)
}

/// The decoder of one value and what is in it.
final class RowValueDecoder: Decoder {
    let content: DecodedValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ content: DecodedValue, codingPath: [any CodingKey]) {
        self.content = content
        self.codingPath = codingPath
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        switch content {
        case .row(let row):
            KeyedDecodingContainer(
                FieldsContainer<Key>(
                    fields: .row(row.columns, row.values), codingPath: codingPath, decoder: self))
        case .value(let value):
            KeyedDecodingContainer(
                FieldsContainer<Key>(
                    fields: .named(try value.namedFields(at: codingPath)), codingPath: codingPath, decoder: self))
        }
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        switch content {
        case .row(let row) where row.values.count > 1:
            ElementsContainer(elements: row.values, codingPath: codingPath, decoder: self)
        case .row(let row):
            ElementsContainer(
                elements: try row.values[0].elements(at: codingPath), codingPath: codingPath, decoder: self)
        case .value(let value):
            ElementsContainer(elements: try value.elements(at: codingPath), codingPath: codingPath, decoder: self)
        }
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        switch content {
        case .value(let value):
            return SingleContainer(value: value, codingPath: codingPath)
        case .row(let row):
            guard row.values.count == 1 else {
                throw DecodingError.typeMismatch(
                    GraphValue.self,
                    .init(
                        codingPath: codingPath,
                        debugDescription:
                            "a single value was asked for, and the row has \(row.values.count) columns: \(row.columns.names.joined(separator: ", "))"
                    ))
            }
            return SingleContainer(value: row.values[0], codingPath: codingPath)
        }
    }
}

/// A place in a list, as a coding key.
struct IndexKey: CodingKey {
    let intValue: Int?
    var stringValue: String { "[\(intValue ?? 0)]" }

    init(_ index: Int) { intValue = index }
    init?(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
}
