import Foundation
import GRDB
import GraphClient

/// Whether values of different stores mean the same.
enum ValueAgreement {
    // MARK: SQLite and the graph

    /// SQLite has fewer types than the graph: truth is 0 and 1 there, dates and UUIDs are text, points in time are text
    /// or seconds since 1970.
    static func agree(_ record: DatabaseValue, _ element: GraphValue) -> Bool {
        switch (record.storage, element) {
        case (.null, .null): return true
        case (.null, _), (_, .null): return false
        case (.double(let number), .float(let other)): return Float(number) == other
        case (_, .timestamp(let time)):
            guard let date = Date.fromDatabaseValue(record) else { return false }
            // GRDB reads text to the millisecond.
            return abs(date.timeIntervalSince(time.date)) < 0.001
        default: return canonical(record) == canonical(element)
        }
    }

    /// A form in which equal keys are equal.
    enum Canonical: Hashable {
        case null
        case integer(Int128)
        case number(Double)
        case text(String)
        case bytes([UInt8])
        case other(GraphValue)
    }

    static func canonical(_ value: DatabaseValue) -> Canonical {
        switch value.storage {
        case .null: .null
        case .int64(let number): .integer(Int128(number))
        case .double(let number): canonical(number)
        case .string(let text): .text(text)
        case .blob(let data): .bytes(Array(data))
        }
    }

    static func canonical(_ value: GraphValue) -> Canonical {
        switch value {
        case .null: .null
        case .bool(let flag): .integer(flag ? 1 : 0)
        case .int8(let number): .integer(Int128(number))
        case .int16(let number): .integer(Int128(number))
        case .int32(let number): .integer(Int128(number))
        case .int64(let number): .integer(Int128(number))
        case .int128(let number): .integer(number)
        case .uint8(let number): .integer(Int128(number))
        case .uint16(let number): .integer(Int128(number))
        case .uint32(let number): .integer(Int128(number))
        case .uint64(let number): .integer(Int128(number))
        case .float(let number): canonical(Double(number))
        case .double(let number): canonical(number)
        case .string(let text): .text(text)
        case .blob(let bytes): .bytes(bytes)
        case .uuid(let id): .text(id.uuidString.lowercased())
        case .date(let day): .text(dayText(day))
        default: .other(value)
        }
    }

    /// A whole number is the same as an integer and as a fraction.
    private static func canonical(_ number: Double) -> Canonical {
        Int128(exactly: number).map { .integer($0) } ?? .number(number)
    }

    private static func dayText(_ day: GraphDate) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: day.date)
        func padded(_ number: Int?, _ width: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }

    // MARK: SQLite and Redis

    /// Whether two JSON texts hold the same, whatever the order of members and the spaces.
    static func agree(json a: [UInt8], _ b: [UInt8]) -> Bool {
        if a == b { return true }
        let decoder = JSONDecoder()
        guard let first = try? decoder.decode(JSONValue.self, from: Data(a)),
            let second = try? decoder.decode(JSONValue.self, from: Data(b))
        else { return false }
        return first == second
    }

    private enum JSONValue: Hashable, Decodable {
        case null
        case flag(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
        case list([JSONValue])
        case object([String: JSONValue])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int64.self) {
                self = .integer(number)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([JSONValue].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode([String: JSONValue].self))
            }
        }
    }

    // MARK: Order

    /// SQLite's order of values: NULL, numbers, text by its bytes, blobs. The graph orders values of one type alike.
    static func isAfter(_ a: [DatabaseValue], _ b: [DatabaseValue]) -> Bool {
        for (x, y) in zip(a, b) {
            if isBefore(x, y) { return false }
            if isBefore(y, x) { return true }
        }
        return false
    }

    private static func isBefore(_ a: DatabaseValue, _ b: DatabaseValue) -> Bool {
        func rank(_ value: DatabaseValue) -> Int {
            switch value.storage {
            case .null: 0
            case .int64, .double: 1
            case .string: 2
            case .blob: 3
            }
        }
        switch (a.storage, b.storage) {
        case (.int64(let x), .int64(let y)): return x < y
        case (.int64(let x), .double(let y)): return Double(x) < y
        case (.double(let x), .int64(let y)): return x < Double(y)
        case (.double(let x), .double(let y)): return x < y
        case (.string(let x), .string(let y)): return x.utf8.lexicographicallyPrecedes(y.utf8)
        case (.blob(let x), .blob(let y)): return x.lexicographicallyPrecedes(y)
        default: return rank(a) < rank(b)
        }
    }
}

extension GraphValue {
    /// As a value of SQLite, where there is one: for keys.
    var databaseValue: DatabaseValue {
        switch ValueAgreement.canonical(self) {
        case .integer(let number): Int64(exactly: number).map(\.databaseValue) ?? .null
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        case .null, .other: .null
        }
    }

    /// As it stands in reports.
    var reportText: String {
        switch ValueAgreement.canonical(self) {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .other(let value): "\(value)"
        }
    }
}

extension DatabaseValue {
    /// As it stands in reports.
    var reportText: String {
        switch storage {
        case .null: "NULL"
        case .int64(let number): String(number)
        case .double(let number): "\(number)"
        case .string(let text): "\"\(text)\""
        case .blob(let data): "\(data.count) bytes"
        }
    }
}

extension CacheValue {
    /// As it stands in reports.
    var reportText: String {
        switch self {
        case .string(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
        case .hash(let fields): "a hash of \(fields.keys.sorted().joined(separator: ", "))"
        }
    }
}
