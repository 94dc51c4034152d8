/// Takes JSON apart, token by token. Numbers stay the digits that they are: a general parser would round those of more than 53 bits.
struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Whether a text comes next.
    var isAtString: Bool { next == UInt8(ascii: "\"") }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ symbol: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: symbol) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: Unicode.Scalar) throws {
        guard take(symbol) else { throw problem("\(symbol) is missing") }
    }

    mutating func takeNull() -> Bool { take(word: "null") }

    mutating func boolean() throws -> Bool {
        if take(word: "true") { return true }
        guard take(word: "false") else { throw problem("true or false is missing") }
        return false
    }

    private mutating func take(word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    /// The digits of a number.
    mutating func number() throws -> String {
        let start = position
        while let byte = next, "0123456789+-.eE".utf8.contains(byte) { position += 1 }
        guard position > start else { throw problem("a number is missing") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func string() throws -> String {
        try expect("\"")
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("a text is no UTF-8") }
                return string
            case UInt8(ascii: "\\"): try escape(&text)
            default: text.append(byte)
            }
        }
        throw problem("a text has no end")
    }

    private mutating func escape(_ text: inout [UInt8]) throws {
        guard let byte = next else { throw problem("a text has no end") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"):
            let scalar = try scalar()
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw problem("\\\(Unicode.Scalar(byte)) stands for nothing")
        }
    }

    /// What `\u` stands for, both halves of a pair together.
    private mutating func scalar() throws -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        try expect("\\")
        try expect("u")
        let second = try codeUnit()
        guard UTF16.isLeadSurrogate(first), UTF16.isTrailSurrogate(second) else { throw problem("half a character") }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func codeUnit() throws -> UInt16 {
        guard position + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw problem("\\u has no four digits") }
        position += 4
        return unit
    }

    private func problem(_ reason: String) -> ValueTextReader.Problem {
        ValueTextReader.Problem(reason: "\(reason) at byte \(position + 1)")
    }
}
