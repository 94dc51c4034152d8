import Testing

@testable import Transactions

@Suite("When the graph's log is moved into its file")
struct CheckpointPolicyTests {
    private func policy(after commits: Int, _ load: CheckpointPolicy.Load = .init()) -> CheckpointPolicy {
        var bounds = CoordinatorConfiguration.GraphCheckpoints()
        bounds.log = 1_000
        bounds.longestLog = 4_000
        bounds.memory = 0.5
        bounds.mostMemory = 0.75
        bounds.transactions = 10_000
        var policy = CheckpointPolicy(bounds, hasLog: false)
        for _ in 0..<commits where policy.committed() { policy.measured(load) }
        return policy
    }

    @Test("T5: never without a reason, and never before it was measured")
    func noReason() {
        #expect(policy(after: 9_000).urgency == .none)
        #expect(policy(after: 255, .init(log: 1 << 30, memory: 1)).urgency == .none)
    }

    @Test(
        "T5: a long log and a full memory are reasons; with the second bound snapshots are no reason to wait",
        arguments: [
            (CheckpointPolicy.Load(log: 999), CheckpointPolicy.Urgency.none),
            (.init(log: 1_000), .whenQuiet), (.init(log: 4_000), .now),
            (.init(memory: 0.49), .none), (.init(memory: 0.5), .whenQuiet), (.init(memory: 0.75), .now),
            (.init(log: 1_000, memory: 0.75), .now), (.init(log: 4_000, memory: 0.5), .now),
        ])
    func bounds(load: CheckpointPolicy.Load, urgency: CheckpointPolicy.Urgency) {
        #expect(policy(after: 1_100, load).urgency == urgency)
    }

    @Test("T5: a memory that is full of what was read is no reason to make one checkpoint after the other")
    func fullByReading() {
        var policy = policy(after: 1_100, .init(memory: 1))
        policy.ended(isDone: true)
        var checkpoints = 0
        for _ in 0..<10_000 {
            guard policy.committed() else { continue }
            policy.measured(.init(memory: 1))
            guard policy.urgency == .now else { continue }
            checkpoints += 1
            policy.ended(isDone: true)
        }
        #expect(checkpoints == 9)
    }

    @Test("T5: many transactions are a reason, since the journal keeps them")
    func transactions() {
        #expect(policy(after: 9_983).urgency == .none)
        #expect(policy(after: 10_240).urgency == .whenQuiet)
    }

    @Test("T5: a last checkpoint that is long ago is a reason, where enough has happened since to be worth one")
    func age() {
        var policy = policy(after: 5_120)
        policy.measured(.init(), age: .seconds(119))
        #expect(policy.urgency == .none)
        policy.measured(.init(), age: .seconds(120))
        #expect(policy.urgency == .whenQuiet)
        var idle = self.policy(after: 4_900)
        idle.measured(.init(), age: .seconds(86_400))
        #expect(idle.urgency == .none)
    }

    @Test("T5: after a failure it is tried again, though not at once; what is urgent does not become less so")
    func failure() {
        var policy = policy(after: 1_100, .init(log: 4_000))
        policy.measured(.init(log: 1_000))
        #expect(policy.urgency == .now)
        policy.ended(isDone: false)
        #expect(policy.urgency == .none)
        var commits = 0
        while !policy.committed() { commits += 1 }
        #expect(commits == CheckpointPolicy.lookInterval - 1)
        policy.measured(.init(log: 4_000))
        #expect(policy.urgency == .now)
    }
}
