import Foundation

/// What a decided unit still has to do in the other stores.
struct JournalRow: Hashable, Sendable {
    var number: UInt64
    var graph: [GraphRedo]
    var cache: [CacheWrite]

    var isEmpty: Bool { graph.isEmpty && cache.isEmpty }
}

/// The journal's form on disk: JSON, so that a person can read it with any SQLite tool.
enum JournalCodec {
    static func encode(_ redo: [GraphRedo]) throws -> Data? {
        guard !redo.isEmpty else { return nil }
        var text = JournalText()
        try text.add(redo)
        return Data(text.bytes)
    }

    static func encode(_ writes: [CacheWrite]) throws -> Data? {
        guard !writes.isEmpty else { return nil }
        var text = JournalText()
        try text.add(writes)
        return Data(text.bytes)
    }

    static func decodeGraph(_ data: Data?) throws -> [GraphRedo] {
        guard let data else { return [] }
        return try decoder().decode([GraphRedo].self, from: data)
    }

    static func decodeCache(_ data: Data?) throws -> [CacheWrite] {
        guard let data else { return [] }
        return try decoder().decode([CacheWrite].self, from: data)
    }

    static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    private static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}

extension CacheWrite: Codable {
    private enum Keys: String, CodingKey { case key, effects }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        key = Bytes(try container.decode(Data.self, forKey: .key))
        effects = try container.decode([CacheEffect].self, forKey: .effects)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(Data(key), forKey: .key)
        try container.encode(effects, forKey: .effects)
    }
}

extension CacheEffect: Codable {
    private enum Keys: String, CodingKey { case change, values, scores, expires }

    private enum Change: String, Codable {
        case set, delete, setFields, removeFields, addMembers, removeMembers, setScores, removeScored, expire
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let values = try container.decodeIfPresent([Data].self, forKey: .values)?.map { Bytes($0) } ?? []
        let expiry = try container.decodeIfPresent(Int64.self, forKey: .expires)
        switch try container.decode(Change.self, forKey: .change) {
        case .set: self = .set(values.first ?? [], expiresAt: expiry)
        case .delete: self = .delete
        case .setFields:
            self = .setFields(
                stride(from: 0, to: values.count - 1, by: 2).map { CacheField(name: values[$0], value: values[$0 + 1]) }
            )
        case .removeFields: self = .removeFields(values)
        case .addMembers: self = .addMembers(values)
        case .removeMembers: self = .removeMembers(values)
        case .setScores:
            let scores = try container.decode([Double].self, forKey: .scores)
            self = .setScores(zip(values, scores).map { CacheScore(member: $0, score: $1) })
        case .removeScored: self = .removeScored(values)
        case .expire: self = .expire(at: expiry)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        func encode(_ change: Change, _ values: [Bytes] = [], expires: Int64? = nil) throws {
            try container.encode(change, forKey: .change)
            if !values.isEmpty { try container.encode(values.map { Data($0) }, forKey: .values) }
            try container.encodeIfPresent(expires, forKey: .expires)
        }
        switch self {
        case .set(let value, let expiresAt): try encode(.set, [value], expires: expiresAt)
        case .delete: try encode(.delete)
        case .setFields(let fields): try encode(.setFields, fields.flatMap { [$0.name, $0.value] })
        case .removeFields(let names): try encode(.removeFields, names)
        case .addMembers(let members): try encode(.addMembers, members)
        case .removeMembers(let members): try encode(.removeMembers, members)
        case .setScores(let scores):
            try encode(.setScores, scores.map(\.member))
            try container.encode(scores.map(\.score), forKey: .scores)
        case .removeScored(let members): try encode(.removeScored, members)
        case .expire(let moment): try encode(.expire, expires: moment)
        }
    }
}
