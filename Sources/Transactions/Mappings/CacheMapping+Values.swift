import Foundation
import GRDB

extension CacheMapping {
    /// What Redis is to hold for a row; nil for no key.
    func cacheValue(of row: Row) throws -> CacheValue? {
        switch value {
        case .string(let column):
            return (row[column] as DatabaseValue).cacheBytes.map { .string($0) }
        case .json(let map):
            let members = try map.entries.map { entry in
                "\(try JSONText.string(entry.name)):\(try JSONText.value(row[entry.column] as DatabaseValue))"
            }
            return .text("{\(members.joined(separator: ","))}")
        case .hash(let map):
            var fields: [String: [UInt8]] = [:]
            for entry in map.entries { fields[entry.name] = (row[entry.column] as DatabaseValue).cacheBytes }
            return fields.isEmpty ? nil : .hash(fields)
        case .custom(let custom):
            return try custom.make(row)
        }
    }

    /// When a key that is set at a moment expires; nil for never.
    func expiresAt(setAt milliseconds: Double) -> Int64? {
        expiry.map { Int64(milliseconds) + max(1, Int64($0 / .milliseconds(1))) }
    }
}

extension DatabaseValue {
    /// The bytes in a string or a field; nil for NULL.
    var cacheBytes: [UInt8]? {
        switch storage {
        case .null: nil
        case .int64(let number): Array(String(number).utf8)
        case .double(let number): Array("\(number)".utf8)
        case .string(let text): Array(text.utf8)
        case .blob(let data): Array(data)
        }
    }
}

/// JSON with its members in the order of the mapping, always in the same letters.
private enum JSONText {
    static func value(_ value: DatabaseValue) throws -> String {
        switch value.storage {
        case .null: "null"
        case .int64(let number): String(number)
        // JSON has no infinities.
        case .double(let number): number.isFinite ? "\(number)" : "null"
        case .string(let text): try string(text)
        case .blob(let data): "\"\(data.base64EncodedString())\""
        }
    }

    static func string(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }
}
