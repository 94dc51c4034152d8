import Foundation

extension GraphValue {
    /// The value as one of the types that have a direct form; nil when `type` has to decode itself.
    func plain<T>(as type: T.Type, at path: @autoclosure () -> [any CodingKey]) throws -> T? {
        // A union decodes as the value that is in it.
        if case .union(let value) = self { return try value.plain(as: type, at: path()) }
        return switch type {
        case is Int.Type: try integer(Int.self, at: path()) as? T
        case is Int64.Type: try integer(Int64.self, at: path()) as? T
        case is String.Type: try text(at: path()) as? T
        case is Double.Type: try floatingPoint(Double.self, at: path()) as? T
        case is Bool.Type: try flag(at: path()) as? T
        case is Float.Type: try floatingPoint(Float.self, at: path()) as? T
        case is Int8.Type: try integer(Int8.self, at: path()) as? T
        case is Int16.Type: try integer(Int16.self, at: path()) as? T
        case is Int32.Type: try integer(Int32.self, at: path()) as? T
        case is Int128.Type: try integer(Int128.self, at: path()) as? T
        case is UInt.Type: try integer(UInt.self, at: path()) as? T
        case is UInt8.Type: try integer(UInt8.self, at: path()) as? T
        case is UInt16.Type: try integer(UInt16.self, at: path()) as? T
        case is UInt32.Type: try integer(UInt32.self, at: path()) as? T
        case is UInt64.Type: try integer(UInt64.self, at: path()) as? T
        case is UUID.Type: try uuid(at: path()) as? T
        case is Date.Type: try date(at: path()) as? T
        case is Data.Type: try data(at: path()) as? T
        case is Decimal.Type: try decimal(at: path()) as? T
        default: nil
        }
    }

    /// A number of any integer type, if it fits.
    func integer<T: FixedWidthInteger>(_ type: T.Type, at path: @autoclosure () -> [any CodingKey]) throws -> T {
        let result: T? =
            switch self {
            case .int64(let value): T(exactly: value)
            case .int32(let value): T(exactly: value)
            case .int16(let value): T(exactly: value)
            case .int8(let value): T(exactly: value)
            case .int128(let value): T(exactly: value)
            case .uint64(let value): T(exactly: value)
            case .uint32(let value): T(exactly: value)
            case .uint16(let value): T(exactly: value)
            case .uint8(let value): T(exactly: value)
            default: throw mismatch(type, at: path())
            }
        guard let result else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: path(), debugDescription: "the \(typeName) does not fit \(type)"))
        }
        return result
    }

    func floatingPoint<T: BinaryFloatingPoint>(
        _ type: T.Type, at path: @autoclosure () -> [any CodingKey]
    ) throws -> T {
        switch self {
        case .double(let value): T(value)
        case .float(let value): T(value)
        default: throw mismatch(type, at: path())
        }
    }

    private func text(at path: @autoclosure () -> [any CodingKey]) throws -> String {
        guard case .string(let value) = self else { throw mismatch(String.self, at: path()) }
        return value
    }

    private func flag(at path: @autoclosure () -> [any CodingKey]) throws -> Bool {
        guard case .bool(let value) = self else { throw mismatch(Bool.self, at: path()) }
        return value
    }

    private func date(at path: @autoclosure () -> [any CodingKey]) throws -> Date {
        switch self {
        case .timestamp(let value): value.date
        case .date(let value): value.date
        default: throw mismatch(Date.self, at: path())
        }
    }

    private func uuid(at path: @autoclosure () -> [any CodingKey]) throws -> UUID {
        guard case .uuid(let value) = self else { throw mismatch(UUID.self, at: path()) }
        return value
    }

    private func data(at path: @autoclosure () -> [any CodingKey]) throws -> Data {
        guard case .blob(let value) = self else { throw mismatch(Data.self, at: path()) }
        return Data(value)
    }

    private func decimal(at path: @autoclosure () -> [any CodingKey]) throws -> Decimal {
        guard case .decimal(let value) = self, let decimal = value.decimal else {
            throw mismatch(Decimal.self, at: path())
        }
        return decimal
    }

    /// The fields of a value that decodes as a type with keys: a struct, a node's or relationship's properties, a map with text keys.
    func namedFields(at path: [any CodingKey]) throws -> GraphFields {
        switch self {
        case .structure(let fields):
            return fields
        case .node(let node):
            return node.properties
        case .relationship(let relationship):
            return relationship.properties
        case .union(let value):
            return try value.namedFields(at: path)
        case .map(let entries):
            return GraphFields(
                try entries.map { entry in
                    guard case .string(let key) = entry.key else {
                        throw DecodingError.typeMismatch(
                            String.self,
                            .init(
                                codingPath: path,
                                debugDescription: "a map's keys must be texts, and are \(entry.key.typeName)"))
                    }
                    return GraphField(key, entry.value)
                })
        default:
            throw mismatch(GraphFields.self, at: path)
        }
    }

    func elements(at path: [any CodingKey]) throws -> [GraphValue] {
        switch self {
        case .list(let elements), .array(let elements): return elements
        case .blob(let bytes): return bytes.map(GraphValue.uint8)
        case .union(let value): return try value.elements(at: path)
        default: throw mismatch([GraphValue].self, at: path)
        }
    }

    func mismatch<T>(_ type: T.Type, at path: [any CodingKey]) -> DecodingError {
        let column = path.map(\.stringValue).joined(separator: ".")
        let place = column.isEmpty ? "the value" : "\"\(column)\""
        let context = DecodingError.Context(
            codingPath: path, debugDescription: "\(place) is \(typeName), which is no \(type)")
        return isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}
