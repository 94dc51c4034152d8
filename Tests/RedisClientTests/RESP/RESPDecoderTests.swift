import NIOCore
import Testing

@testable import RedisClient

/// What each type of reply is read as, and what is refused.
@Suite struct RESPDecoderTests {
    private func decode(_ text: String, limits: RESPLimits = RESPLimits()) -> DecodedStream {
        DecodedStream([Array(text.utf8)[...]], limits: limits)
    }

    private func bulk(_ text: String) -> RESPValue { .bulkString(ByteBuffer(string: text)) }

    @Test("P2: every scalar of RESP2 and RESP3")
    func scalars() {
        let expected: [(String, RESPValue)] = [
            ("+OK\r\n", .simpleString("OK")),
            ("+\r\n", .simpleString("")),
            ("-WRONGTYPE no list\r\n", .error(RESPErrorReply("WRONGTYPE no list"))),
            (":-9223372036854775808\r\n", .integer(.min)),
            (":+9223372036854775807\r\n", .integer(.max)),
            ("$3\r\na\r\n\r\n", self.bulk("a\r\n")),
            ("$0\r\n\r\n", self.bulk("")),
            ("$-1\r\n", .null),
            ("*-1\r\n", .null),
            ("_\r\n", .null),
            ("#t\r\n", .boolean(true)),
            (",-inf\r\n", .double(-.infinity)),
            (",3.25e2\r\n", .double(325)),
            ("(-123456789012345678901234567890\r\n", .bigNumber("-123456789012345678901234567890")),
            ("!8\r\nERR nope\r\n", .error(RESPErrorReply("ERR nope"))),
            (
                "=8\r\ntxt:text\r\n",
                .verbatimString(RESPVerbatimString(format: "txt", content: ByteBuffer(string: "text")))
            ),
        ]
        for (text, value) in expected {
            let stream = self.decode(text)
            #expect(stream.replies == [value] && stream.error == nil, "\(text.debugDescription)")
        }
    }

    @Test("P2: aggregates, attributes and streamed values")
    func aggregates() {
        let expected: [(String, RESPValue)] = [
            ("*0\r\n", .array([])),
            ("*2\r\n:1\r\n*1\r\n_\r\n", .array([.integer(1), .array([.null])])),
            ("~1\r\n+a\r\n", .set([.simpleString("a")])),
            ("%1\r\n+a\r\n:1\r\n", .map([RESPPair(.simpleString("a"), .integer(1))])),
            (">2\r\n+message\r\n:1\r\n", .push([.simpleString("message"), .integer(1)])),
            (
                "*1\r\n|1\r\n+ttl\r\n:9\r\n:1\r\n",
                .array([
                    .attributed(
                        RESPAttributedValue(
                            attributes: [RESPPair(.simpleString("ttl"), .integer(9))], value: .integer(1)))
                ])
            ),
            ("$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n", self.bulk("Hello")),
            ("*?\r\n:1\r\n:2\r\n.\r\n", .array([.integer(1), .integer(2)])),
            ("%?\r\n+a\r\n:1\r\n.\r\n", .map([RESPPair(.simpleString("a"), .integer(1))])),
        ]
        for (text, value) in expected {
            let stream = self.decode(text)
            #expect(stream.replies == [value] && stream.error == nil, "\(text.debugDescription)")
        }
    }

    @Test("P2: what is no RESP is refused, and named")
    func refusals() {
        let expected: [(String, RESPDecodingError)] = [
            ("HTTP/1.1", .unknownType(0x48)),
            ("\u{0}", .unknownType(0)),
            (":1x\r\n", .malformedValue(0x3a)),
            (":\r\n", .malformedValue(0x3a)),
            (":9223372036854775808\r\n", .malformedValue(0x3a)),
            ("$-2\r\n", .malformedValue(0x24)),
            ("%-1\r\n", .malformedValue(0x25)),
            ("#x\r\n", .malformedValue(0x23)),
            (",0x1p3\r\n", .malformedValue(0x2c)),
            ("(1.5\r\n", .malformedValue(0x28)),
            ("=2\r\nab\r\n", .malformedValue(0x3d)),
            ("$1\r\nabc", .unterminatedString),
            ("+a\rb\r\n", .malformedLine),
            ("+a\nb\r\n", .malformedLine),
            (";1\r\n", .misplaced(0x3b)),
            (".\r\n", .misplaced(0x2e)),
            ("%?\r\n+a\r\n.\r\n", .misplaced(0x2e)),
            ("$?\r\n:1\r\n", .misplaced(0x3a)),
        ]
        for (text, error) in expected {
            #expect(self.decode(text).error == error, "\(text.debugDescription)")
        }
    }

    @Test("P2: a reply of 1 GB is refused when it is announced")
    func announcedSize() {
        let limit = RESPLimits().maximumReplyBytes
        #expect(self.decode("$1073741824\r\n").error == .replyTooLarge(bytes: 1_073_741_839, limit: limit))
        #expect(self.decode("$9223372036854775807\r\n").error?.isLimit == true)
        #expect(self.decode("*2000000000\r\n").error?.isLimit == true)
        #expect(self.decode("%9223372036854775807\r\n").error?.isLimit == true)
        let small = RESPLimits(maximumReplyBytes: 30)
        #expect(self.decode("*9\r\n$8\r\n12345678\r\n$8\r\n", limits: small).error?.isLimit == true)
        #expect(self.decode("+aaaaaaaaaaaaaaaaaaaaaaaaa\r\n+b\r\n+c\r\n", limits: small).error == nil)
    }

    @Test("P2: a reply nested 100 000 deep is refused")
    func nesting() {
        for opening in ["*1\r\n", "%1\r\n", ">1\r\n", "*?\r\n", "|1\r\n"] {
            let stream = self.decode(String(repeating: opening, count: 100_000))
            #expect(stream.error == .tooDeep(limit: 128))
        }
        let deepest = String(repeating: "*1\r\n", count: 128) + ":1\r\n"
        #expect(self.decode(deepest).replies.count == 1)
    }

    @Test("P2: the number of values is bounded, announced or not")
    func elements() {
        let limits = RESPLimits(maximumElements: 4)
        #expect(self.decode("*2\r\n*2\r\n:1\r\n:2\r\n*1\r\n", limits: limits).error?.isLimit == true)
        #expect(self.decode("*?\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n", limits: limits).error?.isLimit == true)
        #expect(self.decode("*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n*4\r\n:1\r\n", limits: limits).error == nil)
    }

    @Test("P2: a line without end is bounded")
    func endlessLine() {
        #expect(self.decode("+" + String(repeating: "a", count: 70_000)).error == .lineTooLong(limit: 65_536))
    }

    @Test("P2: a large string that arrives in pieces is read once")
    func pieces() {
        let content = String(repeating: "x", count: 1 << 20)
        let bytes = Array("$\(content.utf8.count)\r\n\(content)\r\n:7\r\n".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 1000).map { bytes[$0..<min($0 + 1000, bytes.count)] }
        let stream = DecodedStream(pieces, limits: RESPLimits())
        #expect(stream.replies == [self.bulk(content), .integer(7)])
    }
}
