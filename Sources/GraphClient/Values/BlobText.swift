/// The engine's text form of a BLOB: printable ASCII as itself, everything else and `\`, `'`, `"` as `\xHH`.
package enum BlobText {
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "\\") {
                bytes.append(byte)
            } else {
                guard rest.popFirst() == UInt8(ascii: "x"), let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            }
        }
        return bytes
    }

    /// Every byte as `\xHH`, which the engine's `blob()` reads.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4)
        for byte in bytes {
            text += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func digit(_ byte: UInt8) -> UInt8? {
        digits.firstIndex(of: byte & 0x40 == 0 ? byte : byte & ~0x20).map(UInt8.init)
    }
}
