import NIOCore
import Testing

@testable import RedisClient

/// What nodes say about their cluster, odd and damaged replies included.
@Suite struct SlotMapTests {
    static let asked = RedisEndpoint.tcp(host: "asked", port: 1)
    static let reader = TopologyReader(asked: asked, usesTLS: false)

    private func text(_ text: String) -> RESPValue { .bulkString(ByteBuffer(string: text)) }

    private func member(_ role: String, host: RESPValue, port: Int, health: String = "online") -> RESPValue {
        .map([
            RESPPair(text("id"), text("abc")), RESPPair(text("port"), .integer(port)),
            RESPPair(text("tls-port"), .integer(port + 1000)), RESPPair(text("ip"), text("10.0.0.1")),
            RESPPair(text("endpoint"), host), RESPPair(text("role"), text(role)),
            RESPPair(text("health"), text(health)),
        ])
    }

    private func shard(_ slots: [Int], _ nodes: [RESPValue]) -> RESPValue {
        .map([
            RESPPair(text("slots"), .array(slots.map { .integer($0) })), RESPPair(text("nodes"), .array(nodes)),
        ])
    }

    private func slot(_ number: Int) throws -> RedisHashSlot { try #require(RedisHashSlot(number)) }

    @Test("P3: CLUSTER SHARDS: masters, replicas, unknown hosts, TLS ports, a master that has failed")
    func shards() throws {
        let reply = RESPValue.array([
            shard(
                [0, 99, 200, 200],
                [member("replica", host: text("r"), port: 2), member("master", host: text("m"), port: 3)]),
            shard([100, 199], [member("master", host: .null, port: 4), member("replica", host: text("?"), port: 5)]),
            shard(
                [300, 300],
                [
                    member("master", host: text("dead"), port: 6, health: "fail"),
                    member("master", host: text("new"), port: 7),
                    member("replica", host: text("ill"), port: 8, health: "fail"),
                    member("replica", host: text("fresh"), port: 9, health: "loading"),
                ]),
            shard([], [member("master", host: text("empty"), port: 9)]),
        ])
        let map = try #require(Self.reader.shards(reply))
        #expect(map.coveredSlots == 202)
        for number in [0, 99, 200] {
            #expect(try map.shard(of: slot(number))?.master == .tcp(host: "m", port: 3))
        }
        #expect(try map.shard(of: slot(0))?.replicas == [.tcp(host: "r", port: 2)])
        #expect(
            try map.shard(of: slot(150))
                == .init(master: .tcp(host: "asked", port: 4), replicas: [.tcp(host: "asked", port: 5)]))
        #expect(
            try map.shard(of: slot(300))
                == .init(master: .tcp(host: "new", port: 7), replicas: [.tcp(host: "fresh", port: 9)]))
        #expect(try map.shard(of: slot(201)) == nil)
        let overTLS = TopologyReader(asked: Self.asked, usesTLS: true) { endpoint in
            endpoint == .tcp(host: "m", port: 1003) ? .tcp(host: "outside", port: 1) : endpoint
        }
        #expect(try overTLS.shards(reply)?.shard(of: slot(0))?.master == .tcp(host: "outside", port: 1))
        guard case .array(let entries) = reply else { return }
        #expect(Self.reader.shards(.array(entries.reversed())) == map)
    }

    @Test("P3: CLUSTER SLOTS: masters come first, hosts can be missing")
    func slots() throws {
        func node(_ host: RESPValue, _ port: Int) -> RESPValue {
            .array([host, .integer(port), text("id"), .array([])])
        }
        let reply = RESPValue.array([
            .array([.integer(0), .integer(8191), node(text("::1"), 1), node(text("b"), 2), node(text("::1"), 1)]),
            .array([.integer(8192), .integer(16383), node(.null, 3)]),
        ])
        let map = try #require(Self.reader.slots(reply))
        #expect(map.coveredSlots == RedisHashSlot.count)
        #expect(
            try map.shard(of: slot(8191))
                == .init(master: .tcp(host: "::1", port: 1), replicas: [.tcp(host: "b", port: 2)]))
        #expect(try map.shard(of: slot(8192))?.master == .tcp(host: "asked", port: 3))
    }

    @Test("P3: what makes no sense is left out, and nothing traps")
    func damaged() throws {
        let good = shard([5, 5], [member("master", host: text("m"), port: 3)])
        let odd: [RESPValue] = [
            .null, .integer(1), text("x"), .array([]), .map([]),
            shard([5], [member("master", host: text("m"), port: 3)]),
            shard([9, 7], [member("master", host: text("m"), port: 3)]),
            shard([-1, 5], [member("master", host: text("m"), port: 3)]),
            shard([0, 16384], [member("master", host: text("m"), port: 3)]),
            shard([0, .max], [member("master", host: text("m"), port: 3)]),
            shard([1, 1], [member("master", host: text("m"), port: 0)]),
            shard([1, 1], [member("master", host: text("m"), port: 70000)]),
            shard([1, 1], [member("replica", host: text("m"), port: 3)]),
            shard([1, 1], [.null]), shard(Array(repeating: [0, 16383], count: 3).flatMap { $0 }, [.integer(1)]),
        ]
        for value in odd {
            #expect(Self.reader.shards(.array([value])) == nil)
            #expect(Self.reader.shards(value) == nil)
            #expect(Self.reader.slots(.array([value])) == nil)
        }
        #expect(Self.reader.shards(.array(odd + [good]))?.coveredSlots == 1)
    }

    @Test("P3: random damage to a reply never traps", arguments: 0..<20 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func damage(_ value: RESPValue) -> RESPValue {
            if Int.random(in: 0..<12, using: &generator) == 0 {
                return [.null, .integer(.max), .integer(.min), .array([]), text("?"), .map([]), .integer(7)]
                    .randomElement(using: &generator) ?? .null
            }
            switch value {
            case .array(let values): return .array(values.map(damage))
            case .map(let pairs): return .map(pairs.map { RESPPair(damage($0.key), damage($0.value)) })
            default: return value
            }
        }
        let whole = RESPValue.array(
            (0..<4).map { number in
                shard(
                    [number * 100, number * 100 + 99],
                    [
                        member("master", host: text("m\(number)"), port: 3),
                        member("replica", host: text("r\(number)"), port: 3),
                    ])
            })
        for _ in 0..<200 {
            let reply = damage(whole)
            if let map = Self.reader.shards(reply) { #expect(map.coveredSlots > 0 && map.masters.count <= 4) }
            _ = Self.reader.slots(reply)
        }
    }

    @Test("P3: MOVED and ASK as nodes write them")
    func redirections() throws {
        func read(_ line: String) -> Redirection? { Redirection(RESPErrorReply(line), asked: Self.asked) }
        #expect(read("MOVED 3999 127.0.0.1:6381")?.endpoint == .tcp(host: "127.0.0.1", port: 6381))
        #expect(read("MOVED 3999 127.0.0.1:6381")?.kind == .moved)
        #expect(read("ASK 1 ::1:7000")?.endpoint == .tcp(host: "::1", port: 7000))
        #expect(read("ASK 1 [::1]:7000")?.endpoint == .tcp(host: "::1", port: 7000))
        #expect(read("MOVED 1 :7000")?.endpoint == .tcp(host: "asked", port: 7000))
        #expect(read("MOVED 1 ?:7000")?.endpoint == .tcp(host: "asked", port: 7000))
        #expect(read("MOVED 1 node.example:7000 extra")?.endpoint == .tcp(host: "node.example", port: 7000))
        for line in [
            "MOVED", "MOVED 1", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a", "MOVED 1 a:0", "MOVED -1 a:1",
            "ERR 1 a:1", "ASK 1 a:b",
        ] {
            #expect(read(line) == nil)
        }
    }

    @Test("P3: MOVED changes one slot, once")
    func moving() throws {
        var map = SlotMap()
        let (a, b) = (RedisEndpoint.tcp(host: "a"), RedisEndpoint.tcp(host: "b"))
        map.assign([try slot(1), try slot(2)], to: .init(master: a))
        let moves = [map.move(try slot(1), to: b), map.move(try slot(1), to: b)]
        #expect(moves == [true, false])
        #expect(try map.shard(of: slot(1))?.master == b && map.shard(of: slot(2))?.master == a)
        #expect(map.masters == [a, b] && map.coveredSlots == 2)
    }
}
