/// Reads the parts of EDN (github.com/edn-format/edn) one after the other.
struct EDNScanner {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func error(_ message: String, at place: Int? = nil) -> EDNError {
        let place = min(place ?? position, bytes.count)
        let before = bytes[..<place]
        let line = before.count { $0 == .newline } + 1
        let start = before.lastIndex(of: .newline).map { $0 + 1 } ?? 0
        return EDNError(message: message, line: line, column: place - start + 1)
    }

    /// The next byte that means something: white space, commas and comments don't. Nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0D, .newline, UInt8(ascii: ","): position += 1
            case UInt8(ascii: ";"):
                while position < bytes.count, bytes[position] != .newline { position += 1 }
            default: return bytes[position]
            }
        }
        return nil
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(EDNError) {
        guard take(byte) else { throw unexpected(what) }
    }

    /// A keyword, a symbol or a number, as text; empty if something else follows.
    mutating func atom() -> ArraySlice<UInt8> {
        guard peek() != nil else { return [] }
        let start = position
        while position < bytes.count, !bytes[position].endsAnAtom { position += 1 }
        return bytes[start..<position]
    }

    mutating func keyword() throws(EDNError) -> String {
        guard peek() == UInt8(ascii: ":") else { throw unexpected("a keyword") }
        return String(decoding: atom().dropFirst(), as: UTF8.self)
    }

    mutating func integer(_ what: String) throws(EDNError) -> Int {
        guard let first = peek() else { throw unexpected(what) }
        let start = position
        let negative = first == UInt8(ascii: "-")
        if negative || first == UInt8(ascii: "+") { position += 1 }
        let digits = position
        var magnitude = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int(digit))
            guard !overflow, !overflow2 else { throw error("\(what) that fits into 64 bits was expected", at: start) }
            magnitude = sum
            position += 1
        }
        guard position > digits, position == bytes.count || bytes[position].endsAnAtom else {
            position = start
            throw unexpected(what)
        }
        return negative ? -magnitude : magnitude
    }

    mutating func string(_ what: String) throws(EDNError) -> String {
        let start = position
        guard take(UInt8(ascii: "\"")) else { throw unexpected(what) }
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(try escaped())
            default: text.append(byte)
            }
        }
        throw error("this string has no end", at: start)
    }

    private mutating func escaped() throws(EDNError) -> UInt8 {
        guard position < bytes.count else { throw error("this escape has no end") }
        position += 1
        switch bytes[position - 1] {
        case UInt8(ascii: "n"): return .newline
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "\\"): return UInt8(ascii: "\\")
        case UInt8(ascii: "\""): return UInt8(ascii: "\"")
        default: throw error("an escape other than \\n, \\t, \\r, \\\\ and \\\"", at: position - 1)
        }
    }

    func unexpected(_ what: String) -> EDNError {
        guard position < bytes.count else { return error("\(what) was expected, and the text ends") }
        var end = position + 1
        while end < bytes.count, end - position < 20, !bytes[end].endsAnAtom { end += 1 }
        return error("\(what) was expected, not “\(String(decoding: bytes[position..<end], as: UTF8.self))”")
    }
}

extension EDNScanner {
    /// Passes over one value of whatever kind.
    mutating func skipValue() throws(EDNError) {
        guard let first = peek() else { throw unexpected("a value") }
        switch first {
        case UInt8(ascii: "["): try skipUntil(UInt8(ascii: "]"))
        case UInt8(ascii: "("): try skipUntil(UInt8(ascii: ")"))
        case UInt8(ascii: "{"): try skipUntil(UInt8(ascii: "}"))
        case UInt8(ascii: "\""): _ = try string("a string")
        case UInt8(ascii: "#"):
            position += 1
            if peek() == UInt8(ascii: "{") { return try skipUntil(UInt8(ascii: "}")) }
            // A tag, and the value that it is for.
            _ = atom()
            try skipValue()
        case UInt8(ascii: "\\"):
            position += 1
            if position < bytes.count { position += 1 }
            _ = atom()
        default:
            guard !atom().isEmpty else { throw unexpected("a value") }
        }
    }

    private mutating func skipUntil(_ end: UInt8) throws(EDNError) {
        position += 1
        while !take(end) { try skipValue() }
    }

    /// Passes over a tag such as `#jepsen.history.Op`, if there is one.
    mutating func skipTag() {
        guard take(UInt8(ascii: "#")) else { return }
        _ = atom()
    }
}

extension UInt8 {
    static let newline = UInt8(ascii: "\n")

    fileprivate var endsAnAtom: Bool {
        switch self {
        case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"):
            true
        default: false
        }
    }
}
