/// When a key expires.
public enum RedisExpiry: Sendable, Hashable {
    /// After a time, in whole milliseconds; at least one.
    case after(Duration)
    /// At a time, in milliseconds since 1970.
    case at(milliseconds: Int)
    /// SET only: as it was before (KEEPTTL).
    case keep
    /// GETEX only: never (PERSIST).
    case never

    var arguments: [RedisArgument] {
        switch self {
        case .after(let duration): ["PX", .integer(duration.redisMilliseconds)]
        case .at(let milliseconds): ["PXAT", .integer(milliseconds)]
        case .keep: ["KEEPTTL"]
        case .never: ["PERSIST"]
        }
    }
}

/// When SET takes effect.
public enum RedisSetCondition: String, Sendable, Hashable {
    /// Only if there is no such key.
    case ifAbsent = "NX"
    /// Only if there is such a key.
    case ifPresent = "XX"
}

/// An entry of a stream.
public struct RedisStreamEntry: Sendable, Hashable, RESPDecodable {
    /// The id: milliseconds and a number.
    public let id: String
    /// Names and values, in their order.
    public let fields: [RESPPair]

    /// The value of the first field with a name; nil if there is none.
    public subscript(name: String) -> RESPValue? {
        self.fields.first { $0.key.string == name }?.value
    }

    /// Reads an entry: its id, and names and values in turn.
    public init(resp value: RESPValue) throws(RedisError) {
        guard let parts = value.elements, parts.count == 2, let id = parts[0].string else {
            throw value.mismatch(RedisStreamEntry.self)
        }
        self.id = id
        // An entry that was deleted while pending has no fields.
        self.fields = parts[1].pairs ?? []
    }

    /// Reads the entries from a reply that names streams: a map in RESP3, pairs in RESP2, null for none.
    static func entries(ofOneStream value: RESPValue) throws(RedisError) -> [RedisStreamEntry] {
        if value.isNull { return [] }
        if case .map(let pairs) = value.withoutAttributes {
            return try pairs.first?.value.decode() ?? []
        }
        guard let streams = value.elements, let parts = streams.first?.elements, parts.count == 2 else {
            throw value.mismatch([RedisStreamEntry].self)
        }
        return try parts[1].decode()
    }
}

extension Duration {
    /// Whole milliseconds, at least one of a time above zero: Redis reads 0 as "for ever" or refuses it.
    var redisMilliseconds: Int {
        let parts = self.components
        let (whole, overflow) = Int(parts.seconds).multipliedReportingOverflow(by: 1000)
        if overflow { return self < .zero ? Int.min : Int.max }
        let milliseconds = whole.addingReportingOverflow(Int(parts.attoseconds / 1_000_000_000_000_000)).partialValue
        return self > .zero ? max(1, milliseconds) : milliseconds
    }

    /// Seconds with three decimals.
    var redisSeconds: Double { Double(self.redisMilliseconds) / 1000 }
}
