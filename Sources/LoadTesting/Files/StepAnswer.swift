import GRDB
import GraphClient
import RedisClient
import Scenarios

/// What a statement came to, whichever store answered.
struct StepAnswer: Sendable, Hashable {
    /// Redis' arrays are rows of one value, and a single value is one row.
    var rows: [[FieldValue]] = []
    /// Rows, or rows that were changed where a statement returns none.
    var count = 0

    var first: FieldValue { rows.first?.first ?? .null }

    init(rows: [[FieldValue]], changes: Int? = nil) {
        self.rows = rows
        count = rows.isEmpty ? changes ?? 0 : rows.count
    }

    init(_ rows: [Row], changes: Int) {
        self.init(rows: rows.map { $0.databaseValues.map(FieldValue.init) }, changes: changes)
    }

    init(value: FieldValue) {
        self.init(rows: value == .null ? [] : [[value]])
    }

    init(_ result: GraphResult) {
        self.init(rows: result.map { $0.values.map(FieldValue.init) })
    }

    init(_ reply: RESPValue) {
        switch reply {
        case .array(let values), .set(let values): self.init(rows: values.map { [FieldValue($0)] })
        case .map(let pairs): self.init(rows: pairs.map { [FieldValue($0.key), FieldValue($0.value)] })
        default: self.init(value: FieldValue(reply))
        }
    }

    /// Whether it shows the same: Redis knows texts only, and a whole number may be one with a point elsewhere.
    func isSame(as other: StepAnswer) -> Bool {
        rows.count == other.rows.count
            && zip(rows, other.rows).allSatisfy { a, b in
                a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
            }
    }
}

extension FieldValue {
    /// Nothing is the same as nothing only, and not as an empty text.
    func isSame(as other: FieldValue) -> Bool {
        (self == .null) == (other == .null) && description == other.description
    }

    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(Int(number))
        case .double(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .blob(let data):
            self = .text(data.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
        }
    }

    init(_ value: GraphValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .flag(flag)
        case .int8(let number): self = .integer(Int(number))
        case .int16(let number): self = .integer(Int(number))
        case .int32(let number): self = .integer(Int(number))
        case .int64(let number): self = .integer(Int(number))
        case .int128(let number): self = Int(exactly: number).map { .integer($0) } ?? .text("\(number)")
        case .uint8(let number): self = .integer(Int(number))
        case .uint16(let number): self = .integer(Int(number))
        case .uint32(let number): self = .integer(Int(number))
        case .uint64(let number): self = Int(exactly: number).map { .integer($0) } ?? .text("\(number)")
        case .float(let number): self = .number(Double(number))
        case .double(let number): self = .number(number)
        case .string(let text): self = .text(text)
        default: self = .text("\(value)")
        }
    }

    init(_ value: RESPValue) {
        switch value {
        case .null: self = .null
        case .simpleString(let text), .bigNumber(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .bulkString(let bytes): self = .text(String(buffer: bytes))
        case .boolean(let flag): self = .flag(flag)
        case .double(let number): self = .number(number)
        case .attributed(let attributed): self = FieldValue(attributed.value)
        case .verbatimString(let text): self = .text(String(buffer: text.content))
        default: self = .text("\(value)")
        }
    }

    var graphValue: GraphValue {
        switch self {
        case .null: .null
        case .integer(let number): .int64(Int64(number))
        case .number(let number): .double(number)
        case .flag(let flag): .bool(flag)
        case .text(let text): .string(text)
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .number(let number): number.databaseValue
        case .flag(let flag): flag.databaseValue
        case .text(let text): text.databaseValue
        }
    }
}

/// An operation came to something else than it has to.
struct WrongAnswer: Error, Hashable, CustomStringConvertible {
    var description: String
}
