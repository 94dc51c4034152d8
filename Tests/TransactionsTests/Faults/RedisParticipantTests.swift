import LocalEngines
import RedisClient
import Stores
import Testing

@testable import Transactions

/// What the functions in Redis do with requests that come too late.
@Suite struct RedisParticipantTests {
    private func batch(_ predecessor: UInt64, _ number: UInt64, _ effects: CacheEffect...) -> CacheBatch {
        var writes = CacheWriteSet()
        for effect in effects { writes.add(effect, to: "k") }
        return CacheBatch(predecessor: predecessor, number: number, writes: writes)
    }

    @Test(
        "† I5, I8: Redis makes changes on their predecessor only, and moves its marker from where it is expected only")
    func late() async throws {
        try await RedisServer.withServer(RedisServer.Configuration()) { server in
            try await RedisPool.withPool(to: server.endpoint) { redis in
                let participant = RedisParticipant(redis: redis, identity: "a", epoch: 1, opened: 0)
                #expect(try await participant.adopt() == .new)
                try await participant.reset(from: nil, to: 0)
                expectApplied(await participant.apply(batch(0, 1, .addMembers([[1]]))))
                let first = try await participant.load("k", after: 1)

                // Sent again without its answer, with more that has come since: what Redis has is not made twice.
                let more = batch(0, 2, .addMembers([[1]]), .removeMembers([[1]]), .addMembers([[2]]))
                guard case .had(1) = await participant.apply(more) else {
                    Issue.record("it was taken")
                    return
                }
                // A reset that was given up arrives when the marker has moved on.
                do {
                    try await participant.reset(from: 0, to: 0)
                    Issue.record("the marker was moved back")
                } catch let loss as CacheLoss {
                    #expect(loss.marker == 1)
                }
                #expect(try await participant.load("k", after: 1) == first)
                guard case .behind(1) = await participant.apply(batch(2, 3, .delete)) else {
                    Issue.record("changes were made without those before them")
                    return
                }
                expectApplied(await participant.apply(batch(1, 2, .addMembers([[2]]))))
                #expect(try await participant.load("k", after: 2).content == .set([[1], [2]]))
            }
        }
    }

    private func expectApplied(_ outcome: CacheOutcome) {
        if case .applied = outcome { return }
        Issue.record("it was not taken: \(outcome)")
    }
}
