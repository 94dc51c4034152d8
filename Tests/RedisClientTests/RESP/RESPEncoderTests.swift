import NIOCore
import Testing

@testable import RedisClient

/// Commands as they are written.
@Suite struct RESPEncoderTests {
    private func encode(_ command: RedisCommand) -> String {
        var buffer = ByteBuffer()
        RESPEncoder.encode(command, into: &buffer)
        return String(buffer: buffer)
    }

    @Test("P2: arguments of all kinds")
    func arguments() {
        #expect(self.encode(RedisCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
        #expect(self.encode(RedisCommand("SET", "k", "wört")) == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nwört\r\n")
        #expect(self.encode(RedisCommand("INCRBY", "k", Int.min)).hasSuffix("$20\r\n-9223372036854775808\r\n"))
        #expect(self.encode(RedisCommand("SELECT", 0)).hasSuffix("$1\r\n0\r\n"))
        #expect(self.encode(RedisCommand("ZADD", "k", -Double.infinity)).hasSuffix("$4\r\n-inf\r\n"))
        #expect(self.encode(RedisCommand("ZADD", "k", 0.1)).hasSuffix("$3\r\n0.1\r\n"))
        #expect(
            self.encode(RedisCommand("DEL", ["a", "b"], nil as String?)) == "*3\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n")
        #expect(
            self.encode(RedisCommand("CLIENT TRACKING", "ON")) == "*3\r\n$6\r\nCLIENT\r\n$8\r\nTRACKING\r\n$2\r\nON\r\n"
        )
    }

    @Test("P2: what is encoded can be decoded, byte for byte")
    func roundTrip() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let arguments = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            }
            var buffer = ByteBuffer()
            RESPEncoder.encode(
                RedisCommand("NAME", arguments: arguments.map { .bytes(copying: $0) }), into: &buffer)
            let stream = DecodedStream([Array(buffer.readableBytesView)[...]], limits: RESPLimits())
            let expected = [ByteBuffer(string: "NAME")] + arguments.map { ByteBuffer(bytes: $0) }
            #expect(stream.replies == [.array(expected.map { .bulkString($0) })])
        }
    }

    @Test("P2: the names of scripts are those that Redis computes")
    func scriptNames() {
        #expect(RedisScript("").sha1 == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(RedisScript("return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        #expect(RedisScript(String(repeating: "a", count: 200)).sha1 == "e61cfffe0d9195a525fc6cf06ca2d77119c24a40")
    }
}
