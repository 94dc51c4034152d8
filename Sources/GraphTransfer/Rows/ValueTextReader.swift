import Foundation
import GraphClient

/// Reads what ``ValueText`` writes.
struct ValueTextReader {
    private var text: JSONScanner

    struct Problem: Error {
        var reason: String
    }

    /// - Parameter line: a row: an array of values.
    init(_ line: some Collection<UInt8>) {
        text = JSONScanner(Array(line))
    }

    /// The values of a row. A UNION that is a value of its own comes as a STRUCT of its alternative, since a UNION alone doesn't name it.
    static func row(_ line: some Collection<UInt8>, as types: [ValueType]) throws -> [GraphValue] {
        var reader = ValueTextReader(line)
        try reader.text.expect("[")
        let values = try types.enumerated().map { index, type in
            if index > 0 { try reader.text.expect(",") }
            return try reader.value(type)
        }
        try reader.text.expect("]")
        guard reader.text.isAtEnd else { throw Problem(reason: "there is more than the row") }
        return values
    }

    private mutating func value(_ type: ValueType) throws -> GraphValue {
        if text.takeNull() { return .null }
        switch type {
        case .list(let element): return .list(try elements { try $0.value(element) })
        case .array(let element, let count):
            let found = try elements { try $0.value(element) }
            guard found.count == count else { throw Problem(reason: "an array of \(type) has \(found.count) elements") }
            return .array(found)
        case .structure(let fields): return .structure(try structure(fields))
        case .union(let alternatives): return .structure(try union(alternatives))
        case .map(let key, let value):
            return .map(
                try elements { reader in
                    try reader.text.expect("[")
                    let entryKey = try reader.value(key)
                    try reader.text.expect(",")
                    let entry = GraphMapEntry(key: entryKey, value: try reader.value(value))
                    try reader.text.expect("]")
                    return entry
                })
        case .decimal(_, let scale):
            let digits = try text.string()
            guard let decimal = GraphDecimal(digits), decimal.scale == scale else { throw wrong(digits, type) }
            return .decimal(decimal)
        case .scalar(let scalar): return try value(scalar)
        }
    }

    private mutating func elements<Element>(
        _ one: (inout ValueTextReader) throws -> Element
    ) throws -> [Element] {
        try text.expect("[")
        var elements: [Element] = []
        if text.take("]") { return elements }
        repeat { elements.append(try one(&self)) } while text.take(",")
        try text.expect("]")
        return elements
    }

    private mutating func structure(_ fields: [ValueType.Field]) throws -> GraphFields {
        try text.expect("{")
        let values = try fields.enumerated().map { index, field in
            if index > 0 { try text.expect(",") }
            let name = try text.string()
            guard name == field.name else {
                throw Problem(reason: "there is a field \(name) where \(field.name) should be")
            }
            try text.expect(":")
            return GraphField(name, try value(field.type))
        }
        try text.expect("}")
        return GraphFields(values)
    }

    private mutating func union(_ alternatives: [ValueType.Field]) throws -> GraphFields {
        try text.expect("{")
        let name = try text.string()
        guard let alternative = alternatives.first(where: { $0.name == name }) else {
            throw Problem(reason: "there is no alternative \(name)")
        }
        try text.expect(":")
        let field = GraphField(name, try value(alternative.type))
        try text.expect("}")
        return GraphFields([field])
    }

    private mutating func value(_ scalar: ValueType.Scalar) throws -> GraphValue {
        switch scalar {
        case .bool: return .bool(try text.boolean())
        case .int8: return .int8(try integer(scalar))
        case .int16: return .int16(try integer(scalar))
        case .int32: return .int32(try integer(scalar))
        case .int64, .serial: return .int64(try integer(scalar))
        case .int128: return .int128(try integer(scalar))
        case .uint8: return .uint8(try integer(scalar))
        case .uint16: return .uint16(try integer(scalar))
        case .uint32: return .uint32(try integer(scalar))
        case .uint64: return .uint64(try integer(scalar))
        case .float:
            return .float(try fraction(scalar, parse: Float.init) { UInt32(exactly: $0).map(Float.init(bitPattern:)) })
        case .double: return .double(try fraction(scalar, parse: Double.init) { Double(bitPattern: $0) })
        case .string: return .string(try text.string())
        case .blob: return .blob(try parsed(scalar) { Data(base64Encoded: $0).map { Array($0) } })
        case .uuid: return .uuid(try parsed(scalar) { UUID(uuidString: $0) })
        case .date: return .date(GraphDate(daysSince1970: try integer(scalar)))
        case .timestamp: return .timestamp(GraphTimestamp(try integer(scalar)))
        case .timestampSeconds: return .timestamp(GraphTimestamp(try integer(scalar), .seconds))
        case .timestampMilliseconds: return .timestamp(GraphTimestamp(try integer(scalar), .milliseconds))
        case .timestampNanoseconds: return .timestamp(GraphTimestamp(try integer(scalar), .nanoseconds))
        case .timestampTimeZone: return .timestamp(GraphTimestamp(try integer(scalar), .microsecondsWithTimeZone))
        case .interval:
            try text.expect("[")
            let months: Int32 = try integer(scalar)
            try text.expect(",")
            let days: Int32 = try integer(scalar)
            try text.expect(",")
            let microseconds: Int64 = try integer(scalar)
            try text.expect("]")
            return .interval(GraphInterval(months: months, days: days, microseconds: microseconds))
        }
    }

    private mutating func integer<Number: FixedWidthInteger>(_ scalar: ValueType.Scalar) throws -> Number {
        let digits = try text.number()
        guard let number = Number(digits) else { throw wrong(digits, .scalar(scalar)) }
        return number
    }

    private mutating func fraction<Number: BinaryFloatingPoint>(
        _ scalar: ValueType.Scalar, parse: (String) -> Number?, fromBits: (UInt64) -> Number?
    ) throws -> Number {
        guard text.isAtString else {
            let digits = try text.number()
            guard let number = parse(digits), number.isFinite else { throw wrong(digits, .scalar(scalar)) }
            return number
        }
        return try parsed(scalar) { name in
            switch name {
            case "NaN": Number.nan
            case "Infinity": Number.infinity
            case "-Infinity": -Number.infinity
            default: name.hasPrefix("NaN:") ? UInt64(name.dropFirst(4), radix: 16).flatMap(fromBits) : nil
            }
        }
    }

    private mutating func parsed<Value>(_ scalar: ValueType.Scalar, _ parse: (String) -> Value?) throws -> Value {
        let found = try text.string()
        guard let value = parse(found) else { throw wrong(found, .scalar(scalar)) }
        return value
    }

    private func wrong(_ text: String, _ type: ValueType) -> Problem {
        Problem(reason: "\(text.prefix(40)) is no \(type)")
    }
}
