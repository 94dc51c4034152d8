import NIOCore

/// One of the 16 384 parts that a Redis Cluster's keys fall into.
///
/// Commands with several keys work only when all of them are in one slot. Keys with the same hash tag, the text between the first
/// `{` and the first `}` after it, are: `{user1}:name` and `{user1}:mail`.
public struct RedisHashSlot: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// How many slots there are.
    public static let count = 16_384

    /// The slot's number, from 0 to 16 383.
    public let number: Int

    /// The slot with a number; nil outside of 0 to 16 383.
    public init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot of a key.
    public init(key: some Sequence<UInt8>) {
        self = Array(key).withUnsafeBytes { Self(bytes: $0) }
    }

    /// The slot of a key in UTF-8.
    public init(key: String) {
        var key = key
        self = key.withUTF8 { Self(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// The slot of a key as it stands among a command's arguments.
    public init(key: RedisArgument) {
        switch key {
        case .string(let text): self.init(key: text)
        case .bytes(let bytes): self = bytes.withUnsafeReadableBytes { Self(bytes: $0) }
        case .integer(let number): self.init(key: String(number))
        case .double(let number): self.init(key: RESPEncoder.text(number))
        }
    }

    private init(bytes key: UnsafeRawBufferPointer) {
        self.number = Int(CRC16.checksum(Self.hashed(key))) % Self.count
    }

    /// The part of a key that counts: its hash tag, unless that is empty.
    private static func hashed(_ key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key }
        return UnsafeRawBufferPointer(rebasing: key[(open + 1)..<close])
    }

    /// By number.
    public static func < (left: RedisHashSlot, right: RedisHashSlot) -> Bool { left.number < right.number }

    /// The number.
    public var description: String { "\(self.number)" }
}

/// CRC-16/XMODEM: polynomial 0x1021, beginning with 0, not reflected; what the cluster specification prescribes.
enum CRC16 {
    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { value, _ in
            value & 0x8000 == 0 ? value << 1 : (value << 1) ^ 0x1021
        }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
        self.table.withUnsafeBufferPointer { table in
            bytes.reduce(0) { value, byte in (value << 8) ^ table[Int((value >> 8) ^ UInt16(byte)) & 0xff] }
        }
    }
}
