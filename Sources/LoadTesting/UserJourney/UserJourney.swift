import Measurement
import Synchronization

/// S6: one user's life over the three stores: sign-up, follow, post, feed, unfollow, delete.
///
/// SQLite holds the records, Kùzu who follows whom, Redis sessions, profiles and feeds. What belongs together in
/// several stores is one coordinated transaction; a snapshot reads it back from all three and compares. Feeds are made
/// again from the stores at any time, so they are written without coordination.
struct UserJourney: ProgrammedScenario {
    static let id = "user-journey"
    static let summary = "one user's life over the three stores, each step a transaction across them"

    func run(_ stage: Stage) async throws -> ScenarioOutcome {
        let recorder = try await stage.load(JourneyUsers(engines: stage.engines, data: stage.data, ids: stage.ids))
        return stage.outcome(Self.id, recorder: recorder)
    }
}

/// Users of the journey.
struct JourneyUsers: UserScenario {
    static let targets: [Target] = [
        .graphQuery, .graphConnect, .redisOperation, .redisPipeline, .sqliteTransaction, .sqliteQuery,
        .crossCoordination,
    ]

    let engines: LiveEngines
    let data: SeedData
    let ids: JourneyIDs

    func withUser(_ number: Int, _ body: (Int) async throws -> Void) async throws {
        try await body(number)
    }

    func round(
        of user: Int, recorder: LoadRecorder, step: StepCounter, using generator: inout SplitMix64
    ) async throws {
        let journey = Journey(id: ids.next(), engines: engines)
        let followees = data.users(5, using: &generator)
        let readers = data.users(100, using: &generator)
        do {
            try await step("sign up") { try await journey.signUp(recorder) }
            try await step("connect") { try await journey.connect(recorder) }
            try await step("follow") { try await journey.follow(followees, recorder) }
            try await step("post") { try await journey.post(to: readers, recorder) }
            try await step("feed") { try await journey.feed(recorder) }
            try await step("compare") { try await journey.compare(follows: followees.count) }
            try await step("unfollow") { try await journey.unfollow(followees[0], recorder) }
            try await step("compare") { try await journey.compare(follows: followees.count - 1) }
            try await step("delete") { try await journey.delete(recorder) }
            try await step("compare") { try await journey.compareGone() }
        } catch {
            // A journey that was cut short leaves whole steps only; its user goes, so that the next run finds what it
            // expects.
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
