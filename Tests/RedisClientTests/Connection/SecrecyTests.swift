import Testing

@testable import RedisClient

/// Nothing that can be printed shows credentials or data.
@Suite struct SecrecyTests {
    @Test("P2: configurations, commands, values and errors keep secrets")
    func descriptions() {
        let secret = "hunter2-secret"
        let configuration = RedisConnection.Configuration(username: secret, password: secret)
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = [
            "\(configuration)", String(reflecting: configuration), dumped,
            "\(RedisCommand("AUTH", secret))",
            "\(RESPValue.simpleString(secret))",
            "\(RedisError(reply: RESPErrorReply("ERR unknown command 'X', with args beginning with: '\(secret)'"), command: "X", endpoint: nil))",
            "\(RESPValue.simpleString(secret).mismatch(Int.self))",
        ]
        for text in texts { #expect(!text.contains(secret), "\(text)") }
    }

    @Test("P2: commands that would disturb others are known, however they are written")
    func effects() {
        func effect(_ command: RedisCommand) -> String { "\(command.effect)" }
        #expect(effect(RedisCommand("subscribe", "c")) == "breaksReplies")
        #expect(effect(RedisCommand("CLIENT", "reply", "OFF")) == "breaksReplies")
        #expect(effect(RedisCommand("CLIENT REPLY", "OFF")) == "breaksReplies")
        #expect(effect(RedisCommand("client  reply", "OFF")) == "breaksReplies")
        #expect(effect(RedisCommand("Multi")) == "needsExclusiveUse")
        #expect(effect(RedisCommand("SELECT", 1)) == "changesSession")
        #expect(effect(RedisCommand("GET", "k")) == "none")
        #expect(effect(RedisCommand("")) == "breaksReplies")
    }
}
