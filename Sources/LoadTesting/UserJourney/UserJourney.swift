import GRDB
import GraphClient
import Measurement
import RedisClient
import Synchronization

/// S6: one user's life over the three stores: sign-up, follow, post, feed, unfollow, delete.
///
/// SQLite holds the records, Kùzu who follows whom, Redis sessions, profiles and feeds. Each step writes what it has to in every store, and
/// a later step reads it back from each and compares. The stores are written one after the other, without coordination.
struct UserJourney: UserScenario {
    static let id = "user-journey"
    static let targets: [Target] = [
        .graphQuery, .graphConnect, .redisOperation, .redisPipeline, .sqliteTransaction, .sqliteQuery,
    ]

    let engines: LiveEngines
    let data: SeedData
    let ids: JourneyIDs

    struct User: Sendable {
        let graph: GraphSession
        let redis: RedisConnection
    }

    func withUser(_ number: Int, _ body: (User) async throws -> Void) async throws {
        try await engines.graph.withSession { graph in
            try await RedisConnection.withConnection(to: engines.redis.endpoint) { redis in
                try await body(User(graph: graph, redis: redis))
            }
        }
    }

    func round(
        of user: User, recorder: inout UserRecorder, step: StepCounter, using generator: inout SplitMix64
    ) async throws {
        let journey = Journey(id: ids.next(), engines: engines, graph: user.graph, redis: user.redis)
        let followees = data.users(5, using: &generator)
        let readers = data.users(100, using: &generator)
        do {
            try await step("sign up") { try await journey.signUp(&recorder) }
            try await step("connect") { try await journey.connect(&recorder) }
            try await step("follow") { try await journey.follow(followees, &recorder) }
            try await step("post") { try await journey.post(to: readers, &recorder) }
            try await step("feed") { try await journey.feed(&recorder) }
            try await step("compare") { try await journey.compare(follows: followees.count) }
            try await step("unfollow") { try await journey.unfollow(followees[0], &recorder) }
            try await step("compare") { try await journey.compare(follows: followees.count - 1) }
            try await step("delete") { try await journey.delete(&recorder) }
            try await step("compare") { try await journey.compareGone() }
        } catch {
            // Nothing coordinates the stores yet, so what a failed journey leaves is taken away by hand, as well as it can be.
            await journey.cleanUp()
            throw error
        }
    }
}

/// Numbers for users that sign up.
final class JourneyIDs: Sendable {
    private let last: Atomic<Int>

    init(after last: Int) {
        self.last = Atomic(last)
    }

    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
