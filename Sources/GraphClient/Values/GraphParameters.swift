import Foundation

/// A Swift value that can be passed as a parameter.
///
/// The Swift type decides the engine's type: `Int` becomes INT64 and `Double` DOUBLE, whatever the column is.
public protocol GraphValueConvertible {
    /// The value that the engine gets.
    var graphValue: GraphValue { get }
}

/// A statement's parameters by name, without the `$`.
///
/// ```swift
/// try connection.query("MATCH (u:User {id: $id}) RETURN u.name", ["id": 7])
/// ```
public struct GraphParameters: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package private(set) var entries: [GraphField]

    /// `["id": 7, "name": nil]`
    @inlinable @inline(__always) public init(dictionaryLiteral elements: (String, (any GraphValueConvertible)?)...) {
        // Inlined, so that the array of existentials stays on the caller's stack.
        self.init(elements.map { GraphField($0, $1?.graphValue ?? .null) })
    }

    /// Parameters that were put together at run time.
    public init(_ values: [String: GraphValue]) {
        entries = values.map { GraphField($0.key, $0.value) }
    }

    @usableFromInline package init(_ entries: [GraphField]) {
        self.entries = entries
    }

    /// The value called `name`. Setting it adds or replaces it; setting nil removes it.
    public subscript(name: String) -> GraphValue? {
        get { entries.first { $0.name == name }?.value }
        set {
            entries.removeAll { $0.name == name }
            if let newValue { entries.append(GraphField(name, newValue)) }
        }
    }

    /// A parameter for `UNWIND $rows`: one struct for each row. All rows need the same fields.
    public static func rows<Rows: Sequence>(
        _ rows: Rows, _ fields: (Rows.Element) -> KeyValuePairs<String, (any GraphValueConvertible)?>
    ) -> GraphValue {
        .list(
            rows.map { row in
                .structure(GraphFields(fields(row).map { GraphField($0.key, $0.value?.graphValue ?? .null) }))
            })
    }
}

extension GraphValue: GraphValueConvertible {
    /// Itself.
    public var graphValue: GraphValue { self }
}

extension Bool: GraphValueConvertible {
    /// A BOOL.
    public var graphValue: GraphValue { .bool(self) }
}
extension Int: GraphValueConvertible {
    /// An INT64.
    @inlinable public var graphValue: GraphValue { .int64(Int64(self)) }
}
extension Int8: GraphValueConvertible {
    /// An INT8.
    public var graphValue: GraphValue { .int8(self) }
}
extension Int16: GraphValueConvertible {
    /// An INT16.
    public var graphValue: GraphValue { .int16(self) }
}
extension Int32: GraphValueConvertible {
    /// An INT32.
    public var graphValue: GraphValue { .int32(self) }
}
extension Int64: GraphValueConvertible {
    /// An INT64.
    public var graphValue: GraphValue { .int64(self) }
}
extension Int128: GraphValueConvertible {
    /// An INT128.
    public var graphValue: GraphValue { .int128(self) }
}
extension UInt8: GraphValueConvertible {
    /// A UINT8.
    public var graphValue: GraphValue { .uint8(self) }
}
extension UInt16: GraphValueConvertible {
    /// A UINT16.
    public var graphValue: GraphValue { .uint16(self) }
}
extension UInt32: GraphValueConvertible {
    /// A UINT32.
    public var graphValue: GraphValue { .uint32(self) }
}
extension UInt64: GraphValueConvertible {
    /// A UINT64.
    public var graphValue: GraphValue { .uint64(self) }
}
extension Float: GraphValueConvertible {
    /// A FLOAT.
    public var graphValue: GraphValue { .float(self) }
}
extension Double: GraphValueConvertible {
    /// A DOUBLE.
    public var graphValue: GraphValue { .double(self) }
}
extension String: GraphValueConvertible {
    /// A STRING.
    @inlinable public var graphValue: GraphValue { .string(self) }
}
extension UUID: GraphValueConvertible {
    /// A UUID.
    public var graphValue: GraphValue { .uuid(self) }
}
extension GraphDecimal: GraphValueConvertible {
    /// A DECIMAL of 38 digits.
    public var graphValue: GraphValue { .decimal(self) }
}
extension GraphDate: GraphValueConvertible {
    /// A DATE.
    public var graphValue: GraphValue { .date(self) }
}
extension GraphTimestamp: GraphValueConvertible {
    /// The timestamp type of its precision.
    public var graphValue: GraphValue { .timestamp(self) }
}
extension GraphInterval: GraphValueConvertible {
    /// An INTERVAL.
    public var graphValue: GraphValue { .interval(self) }
}
extension Date: GraphValueConvertible {
    /// A TIMESTAMP, in microseconds; at the type's end for dates some 290 000 years away.
    public var graphValue: GraphValue {
        .timestamp(GraphTimestamp(self) ?? GraphTimestamp(self < Date(timeIntervalSince1970: 0) ? .min : .max))
    }
}
extension Array: GraphValueConvertible where Element: GraphValueConvertible {
    /// A LIST; of bytes, too: a BLOB is written as `GraphValue.blob`.
    public var graphValue: GraphValue { .list(map(\.graphValue)) }
}
extension Optional: GraphValueConvertible where Wrapped: GraphValueConvertible {
    /// NULL for nil.
    public var graphValue: GraphValue { self?.graphValue ?? .null }
}
