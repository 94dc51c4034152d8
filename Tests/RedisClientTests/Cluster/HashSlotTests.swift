import NIOCore
import Testing

@testable import RedisClient

/// Which slot a key is in.
@Suite struct HashSlotTests {
    @Test("P3: the check value of CRC-16/XMODEM and some more")
    func checksum() {
        #expect(CRC16.checksum("123456789".utf8) == 0x31c3)
        #expect(CRC16.checksum("".utf8) == 0)
        #expect(CRC16.checksum([0]) == 0)
        #expect(CRC16.checksum("A".utf8) == 0x58e5)
        #expect(CRC16.checksum(Array(repeating: UInt8(ascii: "A"), count: 256)) == 0xabe3)
    }

    @Test(
        "P3: slots as redis-server computes them",
        arguments: [("foo", 12182), ("bar", 5061), ("hello", 866), ("somekey", 11058), ("foo{hash_tag}", 2515)])
    func slots(key: String, slot: Int) {
        #expect(RedisHashSlot(key: key).number == slot)
        #expect(RedisHashSlot(key: key.utf8).number == slot)
        #expect(RedisHashSlot(key: .bytes(ByteBuffer(string: key))).number == slot)
    }

    @Test("P3: hash tags: the first braces that close, unless they are empty")
    func tags() {
        func slot(_ key: String) -> Int { RedisHashSlot(key: key).number }
        func whole(_ key: String) -> Int { Int(CRC16.checksum(key.utf8)) % RedisHashSlot.count }
        #expect(slot("{user1000}.following") == slot("{user1000}.followers"))
        #expect(slot("{user1000}.x") == whole("user1000"))
        #expect(slot("foo{}{bar}") == whole("foo{}{bar}"))
        #expect(slot("foo{{bar}}zap") == whole("{bar"))
        #expect(slot("foo{bar}{zap}") == whole("bar"))
        #expect(slot("}foo{bar}") == whole("bar"))
        for key in ["", "{", "}", "{}", "a{", "a}b{c", "{}x", "ä{", "{{"] { #expect(slot(key) == whole(key)) }
        #expect(slot("{ä}1") == whole("ä"))
        #expect(RedisHashSlot(key: .integer(42)).number == whole("42"))
        #expect(RedisHashSlot(key: .double(1.5)).number == whole("1.5"))
        #expect(RedisHashSlot(-1) == nil && RedisHashSlot(16_384) == nil && RedisHashSlot(16_383) != nil)
    }
}
