import Foundation
import GraphClient

/// Writes values as JSON, exactly: two values of a type have the same text exactly when they are the same. `ValueTextReader` reads it.
///
/// | type | JSON |
/// | --- | --- |
/// | BOOL, integers of any size, SERIAL | `true`, digits |
/// | FLOAT, DOUBLE | the shortest number that is read as the same; `"NaN"`, `"Infinity"`, `"-Infinity"`, `"NaN:7ff8000000000001"` for a NaN by its bits |
/// | DECIMAL, UUID, STRING | a text |
/// | BLOB | a text in base64 |
/// | DATE, TIMESTAMP… | days since 1970-01-01; the type's units since 1970-01-01 00:00 UTC |
/// | INTERVAL | `[months, days, microseconds]` |
/// | LIST, ARRAY | an array |
/// | STRUCT | an object, in the order of the type |
/// | MAP | an array of `[key, value]` |
/// | UNION | an object of the alternative in use |
struct ValueText {
    private(set) var bytes: [UInt8] = []

    /// Why a value can't be written.
    struct Problem: Error {
        var reason: String
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// - Parameter tag: the alternative in use, where the value is a UNION itself.
    mutating func write(_ value: GraphValue, as type: ValueType, tag: String? = nil) throws(Problem) {
        switch (value, type) {
        case (.null, _): append("null")
        case (.list(let elements), .list(let element)), (.array(let elements), .array(let element, _)):
            try sequence("[", elements, "]") { (text, value) throws(Problem) in try text.write(value, as: element) }
        case (.structure(let fields), .structure(let types)) where fields.count == types.count:
            try sequence("{", zip(fields, types), "}") { (text, pair) throws(Problem) in
                text.write(pair.1.name)
                text.append(":")
                try text.write(pair.0.value, as: pair.1.type)
            }
        case (.map(let entries), .map(let key, let value)):
            try sequence("[", entries, "]") { (text, entry) throws(Problem) in
                text.append("[")
                try text.write(entry.key, as: key)
                text.append(",")
                try text.write(entry.value, as: value)
                text.append("]")
            }
        case (.union(let inner), .union(let alternatives)):
            let alternative = try Self.alternative(of: inner, tag: tag, among: alternatives)
            append("{")
            write(alternative.name)
            append(":")
            try write(inner, as: alternative.type)
            append("}")
        case (.decimal(let decimal), .decimal): write(decimal.description)
        case (_, .scalar): try write(scalar: value, as: type)
        default: throw mismatch(value, type)
        }
    }

    private static func alternative(
        of value: GraphValue, tag: String?, among alternatives: [ValueType.Field]
    ) throws(Problem) -> ValueType.Field {
        let found =
            if let tag {
                alternatives.first { $0.name == tag }
            } else {
                alternatives.first { $0.type.valueKind == value.typeName }
            }
        guard let found else {
            throw Problem(
                reason: value.isNull
                    ? "holds a UNION within another value whose alternative is NULL, and which one that is can't be told"
                    : "holds a \(value.typeName) in a UNION that has no such alternative")
        }
        return found
    }

    private mutating func sequence<S: Sequence>(
        _ start: String, _ elements: S, _ end: String, _ one: (inout ValueText, S.Element) throws(Problem) -> Void
    ) throws(Problem) {
        append(start)
        var isFirst = true
        for element in elements {
            if !isFirst { append(",") }
            isFirst = false
            try one(&self, element)
        }
        append(end)
    }

    // MARK: - Scalars

    private mutating func write(scalar value: GraphValue, as type: ValueType) throws(Problem) {
        guard value.typeName == type.valueKind else { throw mismatch(value, type) }
        switch value {
        case .bool(let value): append(value ? "true" : "false")
        case .int8(let value): append(String(value))
        case .int16(let value): append(String(value))
        case .int32(let value): append(String(value))
        case .int64(let value): append(String(value))
        case .int128(let value): append(String(value))
        case .uint8(let value): append(String(value))
        case .uint16(let value): append(String(value))
        case .uint32(let value): append(String(value))
        case .uint64(let value): append(String(value))
        case .float(let value):
            write(value, bits: UInt64(value.bitPattern), isUsualNaN: value.bitPattern == Float.nan.bitPattern)
        case .double(let value):
            write(value, bits: value.bitPattern, isUsualNaN: value.bitPattern == Double.nan.bitPattern)
        case .string(let value): write(value)
        case .blob(let bytes): write(Data(bytes).base64EncodedString())
        case .uuid(let value): write(value.uuidString.lowercased())
        case .date(let value): append(String(value.daysSince1970))
        case .timestamp(let value): append(String(value.count))
        case .interval(let value): append("[\(value.months),\(value.days),\(value.microseconds)]")
        default: throw mismatch(value, type)
        }
    }

    private mutating func write<Number: BinaryFloatingPoint & CustomStringConvertible>(
        _ value: Number, bits: UInt64, isUsualNaN: Bool
    ) {
        if value.isNaN {
            write(isUsualNaN ? "NaN" : "NaN:\(String(bits, radix: 16))")
        } else if value.isInfinite {
            write(value < 0 ? "-Infinity" : "Infinity")
        } else {
            append(value.description)
        }
    }

    /// A JSON text; all but what JSON forbids stands as it is.
    mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func mismatch(_ value: GraphValue, _ type: ValueType) -> Problem {
        Problem(reason: "holds a \(value.typeName) where its type says \(type)")
    }
}
