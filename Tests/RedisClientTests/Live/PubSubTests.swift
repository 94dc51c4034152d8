import LocalEngines
import NIOCore
import RedisClient
import Testing
import TrivetTesting

/// Messages and invalidations.
@Suite(.redisServer) struct PubSubTests {
    static let versions: [RedisProtocolVersion] = [.resp2, .resp3]

    @Test(
        "P2: messages of channels and patterns arrive in order, then the connection serves commands again",
        arguments: versions)
    func messages(version: RedisProtocolVersion) async throws {
        let channel = "news:\(version)"
        try await withRedis(.init(protocolVersion: version)) { redis async throws in
            try await withRedis { publisher async throws in
                try await redis.subscribe(to: [channel, channel + ":2"]) { messages async throws in
                    for number in 0..<100 { #expect(try await publisher.publish("\(number)", to: channel) == 1) }
                    var iterator = messages.makeAsyncIterator()
                    for number in 0..<100 {
                        let message = try #require(try await iterator.next())
                        #expect(message.channel == channel && String(buffer: message.payload) == "\(number)")
                    }
                    try await redis.psubscribe(to: [channel + "*"]) { patterned async throws in
                        try await publisher.publish("p", to: channel)
                        var other = patterned.makeAsyncIterator()
                        let message = try #require(try await other.next())
                        #expect(message.pattern == channel + "*" && message.channel == channel)
                        #expect(try await iterator.next()?.pattern == nil)
                    }
                    if version == .resp2 {
                        #expect(try await redisError { try await redis.get("k") }?.code == .refused)
                    } else {
                        #expect(try await redis.get("k") == nil)
                    }
                }
                try await redis.set("k:\(version)", "v")
                #expect(try await redis.get("k:\(version)") == "v")
                #expect(try await publisher.publish("nobody", to: channel) == 0)
                #expect(redis.isReusable)
            }
        }
    }

    @Test("P2: two subscriptions to a channel on one connection end one after the other")
    func overlapping() async throws {
        try await withRedis { redis async throws in
            try await redis.subscribe(to: ["shared"]) { outer async throws in
                try await redis.subscribe(to: ["shared"]) { inner async throws in
                    #expect(try await redis.publish("1", to: "shared") == 1)
                    var iterator = inner.makeAsyncIterator()
                    #expect(try await iterator.next() != nil)
                }
                #expect(try await redis.publish("2", to: "shared") == 1)
                var iterator = outer.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0.payload) } == "1")
                #expect(try await iterator.next().map { String(buffer: $0.payload) } == "2")
            }
            #expect(try await redis.publish("3", to: "shared") == 0)
        }
    }

    @Test("P2: a slow subscriber gets what is buffered, then an error; commands go on")
    func slowConsumer() async throws {
        try await withRedis { redis async throws in
            let error = try await redisError {
                try await redis.subscribe(to: ["fast"], bufferLimit: 5) { messages async throws in
                    _ = await redis.pipeline((0..<20).map { RedisCommand("PUBLISH", "fast", $0) })
                    try await redis.ping()
                    var count = 0
                    do {
                        for try await _ in messages { count += 1 }
                    } catch {
                        #expect(count == 5)
                        throw error
                    }
                }
            }
            #expect(error?.code == .slowConsumer)
            try await redis.ping()
        }
    }

    @Test("P2: a subscription ends with an error when its connection ends")
    func lostConnection() async throws {
        try await withRedis { redis async throws in
            let error = try await redisError {
                try await redis.subscribe(to: ["c"]) { messages async throws in
                    let id = try await redis.clientID()
                    try await withRedis { other in _ = try await other.send("CLIENT KILL", "ID", id) }
                    for try await _ in messages {}
                }
            }
            #expect(error?.code == .connectionClosed)
            #expect(!redis.isOpen)
        }
    }

    @Test("P2: invalidations of read keys, of prefixes, and of everything")
    func tracking() async throws {
        try await withRedis { redis async throws in
            try await withRedis { writer async throws in
                try await redis.withTracking { invalidations async throws in
                    var iterator = invalidations.makeAsyncIterator()
                    _ = try await redis.get("cached")
                    try await writer.set("cached", 1)
                    #expect(try await iterator.next() == .keys([ByteBuffer(string: "cached")]))
                    let second = try await redisError { try await redis.withTracking { _ in } }
                    #expect(second?.code == .refused)
                    try await writer.flushall()
                    #expect(try await iterator.next() == .all)
                }
                try await redis.withTracking(.prefixes(["user:"]), includeOwnWrites: false) {
                    invalidations async throws in
                    var iterator = invalidations.makeAsyncIterator()
                    try await redis.set("user:1", 1)
                    try await writer.set("other", 1)
                    try await writer.set("user:2", 1)
                    #expect(try await iterator.next() == .keys([ByteBuffer(string: "user:2")]))
                }
            }
            #expect(!redis.isReusable)
        }
        try await withRedis(.init(protocolVersion: .resp2)) { redis async throws in
            #expect(try await redisError { try await redis.withTracking { _ in } }?.code == .refused)
        }
    }

    @Test("P2: a slow cache is told to forget everything")
    func slowCache() async throws {
        try await withRedis { redis async throws in
            try await redis.withTracking(.prefixes([]), bufferLimit: 4) { invalidations async throws in
                for number in 0..<50 { try await redis.set("slow:\(number)", 1) }
                var seen: [RedisInvalidation] = []
                for try await invalidation in invalidations {
                    seen.append(invalidation)
                    if seen.count == 4 { break }
                }
                #expect(seen.contains(.all))
            }
        }
    }
}
