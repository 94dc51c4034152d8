import NIOCore

/// A type that a reply can be read as.
public protocol RESPDecodable: Sendable {
    /// Reads a reply.
    ///
    /// - Throws: ``RedisError`` with the code ``RedisError/Code-swift.struct/unexpectedReply`` when the value has another type. The
    ///   command has run then.
    init(resp value: RESPValue) throws(RedisError)
}

extension RESPValue {
    /// The reply as another type.
    ///
    /// - Throws: ``RedisError`` with the code ``RedisError/Code-swift.struct/unexpectedReply``.
    @inlinable
    public func decode<Value: RESPDecodable>(as type: Value.Type = Value.self) throws(RedisError) -> Value {
        try Value(resp: self)
    }

    /// The value without the attributes before it.
    public var withoutAttributes: RESPValue {
        var value = self
        while case .attributed(let attributed) = value { value = attributed.value }
        return value
    }

    /// The bytes of any kind of string; nil for other types.
    public var bytes: ByteBuffer? {
        switch self.withoutAttributes {
        case .bulkString(let bytes): bytes
        case .verbatimString(let text): text.content
        case .simpleString(let text), .bigNumber(let text): ByteBuffer(string: text)
        default: nil
        }
    }

    /// The text of any kind of string; nil for other types and for bytes that are not UTF-8.
    public var string: String? {
        switch self.withoutAttributes {
        case .simpleString(let text), .bigNumber(let text):
            return text
        case .bulkString(let bytes):
            return Self.text(bytes)
        case .verbatimString(let text):
            return Self.text(text.content)
        default:
            return nil
        }
    }

    private static func text(_ bytes: ByteBuffer) -> String? {
        bytes.withUnsafeReadableBytes { String(validating: $0, as: UTF8.self) }
    }

    /// The elements of an array, a set or a push; nil for other types.
    public var elements: [RESPValue]? {
        switch self.withoutAttributes {
        case .array(let values), .set(let values), .push(let values): values
        default: nil
        }
    }

    /// The pairs of a map, or of an array that RESP2 sends instead: key, value, key, value; nil for other types.
    public var pairs: [RESPPair]? {
        switch self.withoutAttributes {
        case .map(let pairs):
            return pairs
        case .array(let values) where values.count.isMultiple(of: 2):
            return stride(from: 0, to: values.count, by: 2).map { RESPPair(values[$0], values[$0 + 1]) }
        default:
            return nil
        }
    }

    /// Whether there is no value.
    public var isNull: Bool {
        if case .null = self.withoutAttributes { return true }
        return false
    }

    func mismatch(_ type: Any.Type) -> RedisError {
        if case .error(let reply) = self.withoutAttributes {
            return RedisError(reply: reply, command: nil, endpoint: nil)
        }
        return .unexpectedReply("the reply is a \(self), which cannot be read as \(type)")
    }
}

extension RESPValue: RESPDecodable {
    /// The value itself.
    public init(resp value: RESPValue) {
        self = value
    }
}

extension String: RESPDecodable {
    /// Any kind of string that is valid UTF-8, and numbers as text.
    public init(resp value: RESPValue) throws(RedisError) {
        if let text = value.string {
            self = text
        } else if case .integer(let number) = value.withoutAttributes {
            self = String(number)
        } else if case .double(let number) = value.withoutAttributes {
            self = RESPEncoder.text(number)
        } else {
            throw value.mismatch(String.self)
        }
    }
}

extension ByteBuffer: RESPDecodable {
    /// Any kind of string.
    public init(resp value: RESPValue) throws(RedisError) {
        guard let bytes = value.bytes else { throw value.mismatch(ByteBuffer.self) }
        self = bytes
    }
}

extension Int: RESPDecodable {
    /// An integer, or a string of decimal digits.
    public init(resp value: RESPValue) throws(RedisError) {
        if case .integer(let number) = value.withoutAttributes {
            self = number
        } else if let text = value.string, let number = Int(text) {
            self = number
        } else {
            throw value.mismatch(Int.self)
        }
    }
}

extension Double: RESPDecodable {
    /// A double, an integer, or a string that Redis would write for one.
    public init(resp value: RESPValue) throws(RedisError) {
        switch value.withoutAttributes {
        case .double(let number):
            self = number
        case .integer(let number):
            self = Double(number)
        default:
            guard let text = value.string, let number = Double(text) else { throw value.mismatch(Double.self) }
            self = number
        }
    }
}

extension Bool: RESPDecodable {
    /// A boolean, the integers 0 and 1, `OK` as true and null as false, as Redis answers yes and no.
    public init(resp value: RESPValue) throws(RedisError) {
        switch value.withoutAttributes {
        case .boolean(let flag): self = flag
        case .integer(0), .null: self = false
        case .integer(1), .simpleString("OK"): self = true
        default: throw value.mismatch(Bool.self)
        }
    }
}

extension Optional: RESPDecodable where Wrapped: RESPDecodable {
    /// nil for null.
    public init(resp value: RESPValue) throws(RedisError) {
        self = value.isNull ? nil : try Wrapped(resp: value)
    }
}

extension Array: RESPDecodable where Element: RESPDecodable {
    /// An array, a set or a push.
    public init(resp value: RESPValue) throws(RedisError) {
        guard let elements = value.elements else { throw value.mismatch([Element].self) }
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for element in elements { result.append(try Element(resp: element)) }
        self = result
    }
}

extension Set: RESPDecodable where Element: RESPDecodable {
    /// A set, or the array that RESP2 sends instead; elements that repeat count once.
    public init(resp value: RESPValue) throws(RedisError) {
        self = Set(try [Element](resp: value))
    }
}

extension Dictionary: RESPDecodable where Key: RESPDecodable, Value: RESPDecodable {
    /// A map, or the array that RESP2 sends instead; of keys that repeat the last counts.
    public init(resp value: RESPValue) throws(RedisError) {
        guard let pairs = value.pairs else { throw value.mismatch([Key: Value].self) }
        var result: [Key: Value] = [:]
        result.reserveCapacity(pairs.count)
        for pair in pairs { result[try Key(resp: pair.key)] = try Value(resp: pair.value) }
        self = result
    }
}
