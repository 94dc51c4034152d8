/// Why bytes from a server could not be read as RESP. There is no way to find the next reply after it: the connection ends.
public enum RESPDecodingError: Error, Sendable, Hashable {
    /// A reply starts with a byte that is no RESP type.
    case unknownType(UInt8)
    /// A line that does not end in CR LF, or an empty one.
    case malformedLine
    /// A number, length, boolean, double or null that cannot be read. The payload is the type's byte.
    case malformedValue(UInt8)
    /// A string is not followed by CR LF.
    case unterminatedString
    /// A chunk or an end marker of a streamed value where none is open, or another type within a streamed string.
    case misplaced(UInt8)
    /// A reply is larger than ``RESPLimits/maximumReplyBytes``.
    case replyTooLarge(bytes: Int, limit: Int)
    /// A reply is nested deeper than ``RESPLimits/maximumDepth``.
    case tooDeep(limit: Int)
    /// A reply has more values than ``RESPLimits/maximumElements``.
    case tooManyElements(count: Int, limit: Int)
    /// A line is longer than ``RESPLimits/maximumLineBytes``.
    case lineTooLong(limit: Int)

    /// Whether a limit of ours was exceeded, as opposed to bytes that are no RESP at all.
    public var isLimit: Bool {
        switch self {
        case .replyTooLarge, .tooDeep, .tooManyElements, .lineTooLong: true
        case .unknownType, .malformedLine, .malformedValue, .unterminatedString, .misplaced: false
        }
    }
}

extension RESPDecodingError: CustomStringConvertible {
    /// What was wrong, without any content.
    public var description: String {
        switch self {
        case .unknownType(let byte): "a reply starts with \(Self.name(byte)), which is no RESP type"
        case .malformedLine: "a line is empty or does not end in CR LF"
        case .malformedValue(let byte): "a value of type \(Self.name(byte)) cannot be read"
        case .unterminatedString: "a string is not followed by CR LF"
        case .misplaced(let byte): "\(Self.name(byte)) where it is not allowed"
        case .replyTooLarge(let bytes, let limit):
            "a reply of at least \(bytes) bytes was announced; the limit is \(limit)"
        case .tooDeep(let limit): "a reply is nested deeper than \(limit)"
        case .tooManyElements(let count, let limit):
            "a reply of at least \(count) values was announced; the limit is \(limit)"
        case .lineTooLong(let limit): "a line is longer than \(limit) bytes"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        (0x21...0x7e).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}
