import NIOCore

@testable import RedisClient

/// What a decoder makes of some bytes: the replies, and the error that ended it.
struct DecodedStream {
    var replies: [RESPValue] = []
    var error: RESPDecodingError?

    /// Decodes bytes that arrive in pieces.
    init(_ pieces: [ArraySlice<UInt8>], limits: RESPLimits) {
        var decoder = RESPDecoder(limits: limits)
        do throws(RESPDecodingError) {
            for piece in pieces where !piece.isEmpty {
                decoder.append(ByteBuffer(bytes: piece))
                while let reply = try decoder.next() { self.replies.append(reply) }
            }
        } catch {
            self.error = error
        }
    }

    func isIdentical(to other: DecodedStream) -> Bool {
        self.error == other.error && self.replies.count == other.replies.count
            && zip(self.replies, other.replies).allSatisfy { $0.isIdentical(to: $1) }
    }
}

extension RESPValue {
    /// Equality that takes not-a-number for equal to itself.
    func isIdentical(to other: RESPValue) -> Bool {
        switch (self, other) {
        case (.double(let one), .double(let two)):
            one == two || (one.isNaN && two.isNaN)
        case (.array(let one), .array(let two)), (.set(let one), .set(let two)), (.push(let one), .push(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.isIdentical(to: $1) }
        case (.map(let one), .map(let two)):
            Self.areIdentical(one, two)
        case (.attributed(let one), .attributed(let two)):
            Self.areIdentical(one.attributes, two.attributes) && one.value.isIdentical(to: two.value)
        default:
            self == other
        }
    }

    private static func areIdentical(_ one: [RESPPair], _ two: [RESPPair]) -> Bool {
        one.count == two.count
            && zip(one, two).allSatisfy { $0.key.isIdentical(to: $1.key) && $0.value.isIdentical(to: $1.value) }
    }
}

/// Makes replies, damages them, and compares what the decoder makes of each in all ways of arriving.
struct RESPFuzzing {
    var generator: SeededGenerator
    /// Small, so that they are reached.
    let limits = RESPLimits(maximumReplyBytes: 4096, maximumDepth: 8, maximumElements: 64, maximumLineBytes: 48)
    private(set) var damaged = 0
    private(set) var failed = 0
    private(set) var replies = 0
    private(set) var limited = 0

    init(seed: UInt64) {
        self.generator = SeededGenerator(seed: seed)
    }

    /// One round; nil if everything agrees, the bytes otherwise.
    mutating func round() -> [UInt8]? {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...2, using: &self.generator) { self.write(depth: 0, into: &bytes) }
        if Int.random(in: 0..<8, using: &self.generator) > 0 {
            self.damaged += 1
            for _ in 0..<Int.random(in: 1...3, using: &self.generator) { self.damage(&bytes) }
        }
        let whole = DecodedStream([bytes[...]], limits: self.limits)
        self.replies += whole.replies.count
        if let error = whole.error {
            self.failed += 1
            if error.isLimit { self.limited += 1 }
        }
        let single = DecodedStream(bytes.indices.map { bytes[$0...$0] }, limits: self.limits)
        guard single.isIdentical(to: whole) else { return bytes }
        for boundary in bytes.indices.dropFirst() {
            let split = DecodedStream([bytes[..<boundary], bytes[boundary...]], limits: self.limits)
            guard split.isIdentical(to: whole) else { return bytes }
        }
        return nil
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = [UInt8.random(in: 0...255, using: &self.generator)] }
        let index = Int.random(in: bytes.indices, using: &self.generator)
        switch Int.random(in: 0..<8, using: &self.generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &self.generator)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self.generator)
        case 2: bytes.remove(at: index)
        case 3:
            bytes.insert(Array("+-:$*_#,(!=%~>|;.?\r\n01".utf8).randomElement(using: &self.generator) ?? 0, at: index)
        case 4: bytes.removeLast(bytes.count - index)
        case 5: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 8)], at: index)
        case 6:
            let lengths = [
                "-1", "-2", "0", "9", "65", "4097", "2147483648", "9223372036854775807", "9223372036854775808", "?",
            ]
            bytes.insert(contentsOf: (lengths.randomElement(using: &self.generator) ?? "").utf8, at: index)
        default: bytes.swapAt(index, Int.random(in: bytes.indices, using: &self.generator))
        }
    }

    private mutating func write(depth: Int, into bytes: inout [UInt8]) {
        let kinds = depth < 3 ? 17 : 11
        let text = String("Redis 7 ütf".prefix(Int.random(in: 0...11, using: &self.generator)))
        let length = text.utf8.count
        let count = Int.random(in: 0...2, using: &self.generator)
        switch Int.random(in: 0..<kinds, using: &self.generator) {
        case 0: bytes += "+\(text)\r\n".utf8
        case 1: bytes += "-ERR \(text)\r\n".utf8
        case 2: bytes += ":\(Int.random(in: Int.min...Int.max, using: &self.generator))\r\n".utf8
        case 3: bytes += "$\(length)\r\n\(text)\r\n".utf8
        case 4: bytes += "$-1\r\n".utf8
        case 5: bytes += "_\r\n".utf8
        case 6: bytes += (Bool.random(using: &self.generator) ? "#t\r\n" : "#f\r\n").utf8
        case 7: bytes += ",\(["1.5", "-inf", "nan", "1e-7"].randomElement(using: &self.generator) ?? "0")\r\n".utf8
        case 8: bytes += "(-3492890328409238509324850943850943825024385\r\n".utf8
        case 9: bytes += "!\(length + 4)\r\nBAD \(text)\r\n".utf8
        case 10: bytes += "=\(length + 4)\r\ntxt:\(text)\r\n".utf8
        case 11: self.aggregate("*", count, 1, depth, &bytes)
        case 12: self.aggregate("~", count, 1, depth, &bytes)
        case 13: self.aggregate("%", count, 2, depth, &bytes)
        case 14: self.aggregate(">", count, 1, depth, &bytes)
        case 15:
            self.aggregate("|", count, 2, depth, &bytes)
            self.write(depth: depth + 1, into: &bytes)
        default:
            if Bool.random(using: &self.generator) {
                bytes += "$?\r\n;\(max(1, length))\r\n\(length == 0 ? "x" : text)\r\n;0\r\n".utf8
            } else {
                bytes += "*?\r\n".utf8
                for _ in 0..<count { self.write(depth: depth + 1, into: &bytes) }
                bytes += ".\r\n".utf8
            }
        }
    }

    private mutating func aggregate(
        _ type: String, _ count: Int, _ valuesEach: Int, _ depth: Int, _ bytes: inout [UInt8]
    ) {
        bytes += "\(type)\(count)\r\n".utf8
        for _ in 0..<count * valuesEach { self.write(depth: depth + 1, into: &bytes) }
    }
}
