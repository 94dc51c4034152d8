/// A key of Redis: any bytes.
public struct CacheKey: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Its bytes.
    public let bytes: [UInt8]

    /// A key of bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A key of a text's UTF-8.
    public init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    /// A key that is written out.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension CacheKey: CustomStringConvertible {
    /// The text, in quotation marks; bytes that are no UTF-8 are replaced.
    public var description: String { "\"\(String(decoding: bytes, as: UTF8.self))\"" }
}
