import Foundation
import GRDB
import RedisClient
import Scenarios
import Transactions

/// A table whose rows Redis follows: its mapping, and how a key tells which change of its row it shows.
struct FollowedTable: Sendable {
    let definition: MappingDefinition
    let mapping: StoreMapping
    private let key: KeyPattern

    /// - Throws: `MappingError` for a key that is none.
    init(_ definition: MappingDefinition) throws {
        self.definition = definition
        key = try KeyPattern(definition.key)
        let form: CacheMapping.Form =
            switch definition.form {
            case .string(let column): .string(column)
            case .json(let columns): .json(ColumnMap(columns))
            case .hash(let columns): .hash(ColumnMap(columns))
            }
        mapping = StoreMapping(
            table: definition.table, cache: CacheMapping(key: key, value: form, expiry: definition.expiry))
    }

    /// What all its keys begin with.
    var prefix: String { key.prefix }

    func owns(_ key: String) -> Bool { !self.key.texts(in: CacheKey(key)).isEmpty }

    // MARK: Changes

    /// The key and the version of a row that a statement has returned.
    func change(_ row: Row) throws -> (key: String, version: Int) {
        guard let version = definition.version else { throw wrong("has no version") }
        let columns = key.columns + [version]
        if let missing = columns.first(where: { !row.hasColumn($0) }) {
            throw wrong("needs \"\(missing)\" of each row that changes: RETURNING \(columns.joined(separator: ", "))")
        }
        guard let name = key.key(key.columns.map { row[$0] as DatabaseValue }) else {
            throw wrong("has no key for a row whose \(key.columns.joined(separator: ", ")) is NULL")
        }
        guard let number = Int.fromDatabaseValue(row[version] as DatabaseValue) else {
            throw wrong("needs a whole number in \"\(version)\"")
        }
        return (String(decoding: name.bytes, as: UTF8.self), number)
    }

    private func wrong(_ what: String) -> WrongAnswer {
        WrongAnswer(description: "the mapping of \"\(definition.table)\" \(what)")
    }

    // MARK: Keys

    /// What asks Redis for the part of a key's value that has the version.
    func query(_ key: String) -> RedisCommand {
        if case .hash = definition.form { return RedisCommand("HGET", key, definition.version ?? "") }
        return RedisCommand("GET", key)
    }

    /// The version that an answer shows; nil where there is no key.
    func version(in answer: RESPValue) throws -> Int? {
        guard let text = try answer.decode(as: String?.self) else { return nil }
        let number: Int?
        if case .json = definition.form {
            let object = try JSONDecoder().decode([String: Member].self, from: Data(text.utf8))
            number = object[definition.version ?? ""]?.number
        } else {
            number = Int(text)
        }
        guard let number else { throw wrong("has a key without a version: \(text.prefix(100))") }
        return number
    }

    /// A member of an object, of which numbers count.
    private struct Member: Decodable {
        var number: Int?

        init(from decoder: any Decoder) throws {
            number = try? decoder.singleValueContainer().decode(Int.self)
        }
    }
}
