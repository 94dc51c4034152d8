import NIOCore

/// The first byte of each RESP value.
enum RESPType: UInt8 {
    case simpleString = 0x2b  // +
    case simpleError = 0x2d  // -
    case integer = 0x3a  // :
    case bulkString = 0x24  // $
    case array = 0x2a  // *
    case null = 0x5f  // _
    case boolean = 0x23  // #
    case double = 0x2c  // ,
    case bigNumber = 0x28  // (
    case bulkError = 0x21  // !
    case verbatimString = 0x3d  // =
    case map = 0x25  // %
    case set = 0x7e  // ~
    case push = 0x3e  // >
    case attributes = 0x7c  // |
    case chunk = 0x3b  // ;
    case end = 0x2e  // .
}

/// A line at the front of a buffer: type, content, CR LF.
struct RESPLine {
    let type: RESPType
    /// Without the type and without CR LF.
    let contentLength: Int

    var wireLength: Int { self.contentLength + 3 }

    enum Search {
        case line(RESPLine)
        /// No end yet; the bytes before this offset need not be looked at again.
        case incomplete(searched: Int)
        case failure(RESPDecodingError)
    }

    enum Length {
        case count(Int)
        case null
        case streamed
    }

    static func search(_ buffer: ByteBuffer, from searched: Int, limit: Int) -> Search {
        buffer.withUnsafeReadableBytes { bytes in
            guard let first = bytes.first else { return .incomplete(searched: 1) }
            // An unknown type is an error at once: who speaks another protocol may never send the end of a line.
            guard let type = RESPType(rawValue: first) else { return .failure(.unknownType(first)) }
            var index = searched
            while index < bytes.count {
                if index - 1 > limit { return .failure(.lineTooLong(limit: limit)) }
                let byte = bytes[index]
                if byte == 0x0d {
                    guard index + 1 < bytes.count else { break }
                    guard bytes[index + 1] == 0x0a else { return .failure(.malformedLine) }
                    return .line(RESPLine(type: type, contentLength: index - 1))
                }
                if byte == 0x0a { return .failure(.malformedLine) }
                index += 1
            }
            return .incomplete(searched: index)
        }
    }

    /// The number of bytes or entries that follow.
    func length(in buffer: ByteBuffer) throws(RESPDecodingError) -> Length {
        let start = buffer.readerIndex + 1
        if self.contentLength == 1, buffer.getInteger(at: start, as: UInt8.self) == UInt8(ascii: "?") {
            return .streamed
        }
        guard let count = self.integer(in: buffer) else { throw .malformedValue(self.type.rawValue) }
        if count == -1 { return .null }
        guard count >= 0 else { throw .malformedValue(self.type.rawValue) }
        return .count(count)
    }

    /// The value of a line that is a value on its own.
    func scalar(in buffer: ByteBuffer) throws(RESPDecodingError) -> RESPValue {
        switch self.type {
        case .integer:
            if let integer = self.integer(in: buffer) { return .integer(integer) }
        case .simpleString:
            return .simpleString(self.text(in: buffer))
        case .simpleError:
            return .error(RESPErrorReply(self.text(in: buffer)))
        case .null:
            if self.contentLength == 0 { return .null }
        case .boolean:
            let text = self.text(in: buffer)
            if text == "t" || text == "f" { return .boolean(text == "t") }
        case .double:
            if let double = Self.double(self.text(in: buffer)) { return .double(double) }
        case .bigNumber:
            let text = self.text(in: buffer)
            let digits = text.utf8.first == 0x2d || text.utf8.first == 0x2b ? text.utf8.dropFirst() : text.utf8[...]
            if !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) { return .bigNumber(text) }
        default:
            break
        }
        throw .malformedValue(self.type.rawValue)
    }

    private func text(in buffer: ByteBuffer) -> String {
        buffer.withUnsafeReadableBytes { bytes in
            String(decoding: UnsafeRawBufferPointer(rebasing: bytes[1..<(1 + self.contentLength)]), as: UTF8.self)
        }
    }

    private func integer(in buffer: ByteBuffer) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            var index = 1
            let end = 1 + self.contentLength
            let isNegative = index < end && bytes[index] == 0x2d
            if isNegative || (index < end && bytes[index] == 0x2b) { index += 1 }
            guard index < end else { return nil }
            // Counted downwards: the least integer has no positive counterpart.
            var result = 0
            while index < end {
                let digit = Int(bytes[index]) - 0x30
                guard (0...9).contains(digit) else { return nil }
                let (shifted, overflowed) = result.multipliedReportingOverflow(by: 10)
                let (sum, overflowedToo) = shifted.subtractingReportingOverflow(digit)
                guard !overflowed, !overflowedToo else { return nil }
                result = sum
                index += 1
            }
            if isNegative { return result }
            return result == Int.min ? nil : -result
        }
    }

    /// Only what Redis writes: Swift alone would read `0x1p3` and `infinity` too.
    private static func double(_ text: String) -> Double? {
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan": return .nan
        default:
            let isPlain = text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || byte == 0x2b || byte == 0x2d || byte == 0x2e || byte | 0x20 == 0x65
            }
            return isPlain ? Double(text) : nil
        }
    }
}
