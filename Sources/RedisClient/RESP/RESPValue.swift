import NIOCore

/// One value of the Redis serialization protocol, RESP3 or RESP2.
///
/// Both versions share this type: RESP2's null bulk string and null array are ``null``, and RESP3's simple and bulk errors are
/// ``error(_:)``. Streamed strings and aggregates arrive assembled.
///
/// A ``bulkString(_:)`` shares memory with what was read from the socket and keeps that read alive. Convert it (`String`,
/// `[UInt8]`) before storing many small values for a long time.
public enum RESPValue: Sendable, Hashable {
    /// No value: RESP3 `_`, RESP2 `$-1` and `*-1`.
    case null
    /// A short text such as `OK`.
    case simpleString(String)
    /// An error reply. On its own it is thrown as ``RedisError``; within an aggregate it stays a value.
    case error(RESPErrorReply)
    /// A signed 64-bit integer.
    case integer(Int)
    /// A binary-safe string.
    case bulkString(ByteBuffer)
    /// A list of values.
    case array([RESPValue])
    /// RESP3 `#t` or `#f`.
    case boolean(Bool)
    /// RESP3 `,`, with infinities and not-a-number.
    case double(Double)
    /// RESP3 `(`: an integer of any size, in decimal digits with an optional sign.
    case bigNumber(String)
    /// RESP3 `=`: a string with a three-letter format (`txt`, `mkd`).
    indirect case verbatimString(RESPVerbatimString)
    /// RESP3 `%`: pairs in the server's order. Keys can be of any type and, from a wrong server, can repeat.
    case map([RESPPair])
    /// RESP3 `~`: values in the server's order; a set by the server's promise only.
    case set([RESPValue])
    /// RESP3 `>`: a message that answers no command.
    case push([RESPValue])
    /// RESP3 `|`: a value with attributes before it. Conversions look through to the value.
    indirect case attributed(RESPAttributedValue)
}

/// A key and its value in a RESP map.
public struct RESPPair: Sendable, Hashable {
    /// The key.
    public let key: RESPValue
    /// The value.
    public let value: RESPValue

    /// A pair.
    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// A string with a format of three letters.
public struct RESPVerbatimString: Sendable, Hashable {
    /// `txt` or `mkd`, as the server wrote it.
    public let format: String
    /// The content, without the format.
    public let content: ByteBuffer

    /// A verbatim string.
    public init(format: String, content: ByteBuffer) {
        self.format = format
        self.content = content
    }
}

/// A value that came with attributes.
public struct RESPAttributedValue: Sendable, Hashable {
    /// What the server told about the value.
    public let attributes: [RESPPair]
    /// The value itself.
    public let value: RESPValue

    /// A value with attributes.
    public init(attributes: [RESPPair], value: RESPValue) {
        self.attributes = attributes
        self.value = value
    }
}

/// An error as the server sent it, for example `WRONGTYPE Operation against a key holding the wrong kind of value`.
public struct RESPErrorReply: Sendable, Hashable {
    /// The first word, which Redis documents as the error's code: `ERR`, `WRONGTYPE`, `MOVED`, …
    public let code: String
    /// The text after the code.
    public let message: String

    /// Splits the line of an error reply.
    public init(_ line: String) {
        if let space = line.firstIndex(of: " ") {
            self.code = String(line[..<space])
            self.message = String(line[line.index(after: space)...])
        } else {
            self.code = line
            self.message = ""
        }
    }
}

extension RESPValue: CustomStringConvertible {
    /// The type and size, never the content: what is stored in Redis does not belong in logs.
    public var description: String {
        switch self {
        case .null: "null"
        case .simpleString(let text): "simple string of \(text.utf8.count) bytes"
        case .error(let reply): "error \(reply.code)"
        case .integer: "integer"
        case .bulkString(let bytes): "bulk string of \(bytes.readableBytes) bytes"
        case .array(let values): "array of \(values.count)"
        case .boolean: "boolean"
        case .double: "double"
        case .bigNumber: "big number"
        case .verbatimString(let text): "verbatim string of \(text.content.readableBytes) bytes"
        case .map(let pairs): "map of \(pairs.count)"
        case .set(let values): "set of \(values.count)"
        case .push(let values): "push of \(values.count)"
        case .attributed(let attributed): "\(attributed.value) with attributes"
        }
    }
}
