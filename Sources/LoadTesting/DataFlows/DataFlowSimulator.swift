import Analytics
import Measurement
import Synchronization

/// Users that act at a rate, and the analytics engine, which follows what they have committed: it reads SQLite's log and knows nothing of what was to be
/// done.
struct DataFlowSimulator: Sendable {
    /// What the engine has come to.
    struct Step: Sendable {
        let engine: AnalyticsEngine
        /// The windows that have closed since the step before.
        let closed: AnalyticsEngine.Output
        /// The last action that is in it.
        let through: Int
        /// Nothing comes after it, and everything is closed.
        let isLast: Bool
    }

    /// What came of it.
    struct Record: Sendable {
        var actions: OpenRecord
        var engine: AnalyticsEngine
        /// The last action before the first, and the last.
        var first, last: Int
        /// What has kept the engine's results from where they belong to the end; nil for nothing.
        var trouble: String?
    }

    let stage: Stage
    let log: ActionLog
    /// Actions a second.
    var rate: Double
    /// How long after it was due an action may begin, before it is dropped.
    var actionPatience: Duration = .seconds(1)
    /// Between two looks at the log.
    var interval: Duration = .milliseconds(10)
    var configuration = Self.usual
    /// How long after the load the engine may take to follow.
    var patience: Duration = .seconds(10)
    /// Is told of each action's row before its commit.
    var announce: @Sendable (OpenSchedule.Operation, _ id: Int) -> Void = { _, _ in }
    /// Is told how each action ended.
    var ended: @Sendable (OpenSchedule.Operation, _ succeeded: Bool) -> Void = { _, _ in }

    /// For runs of seconds and of minutes.
    static var usual: AnalyticsEngine.Configuration {
        var configuration = AnalyticsEngine.Configuration()
        configuration.lateness = .seconds(1)
        configuration.sessionGap = .seconds(3)
        return configuration
    }

    /// Runs users and engine until all that was committed has been published.
    ///
    /// - Parameters:
    ///   - first: the last action that was there before.
    ///   - origin: when actions begin to be due.
    ///   - publish: puts results where they belong. What it throws is no end: they are published with later ones.
    func run(
        after first: Int, from origin: ContinuousClock.Instant = .now,
        publish: @escaping @Sendable (Step) async throws -> Void
    ) async throws -> Record {
        let end = LoadEnd()
        let users = stage.data.userCount, lateness = configuration.lateness
        let actions = OpenStream(name: "actions", rate: rate, patience: actionPatience) { operation, generator in
            let action = UserAction(users: users, lateness: lateness, using: &generator)
            try await log.commit(action) { announce(operation, $0) }
            return .crossCoordination
        } observe: { operation, timing, succeeded in
            if timing != nil { ended(operation, succeeded) }
        }
        async let following = follow(after: first, until: end, publish)
        let result: Result<OpenRecord, any Error>
        do {
            let records = try await OpenLoad(plan: stage.plan, monitor: stage.monitor, origin: origin).run([actions])
            result = .success(records[0])
        } catch {
            result = .failure(error)
        }
        end.set()
        let (engine, last, trouble) = try await following
        return Record(actions: try result.get(), engine: engine, first: first, last: last, trouble: trouble)
    }

    private func follow(
        after first: Int, until end: LoadEnd, _ publish: @Sendable (Step) async throws -> Void
    ) async throws -> (engine: AnalyticsEngine, last: Int, trouble: String?) {
        let most = 500
        var engine = AnalyticsEngine(configuration), closed = AnalyticsEngine.Output()
        var last = first, published = first, isLast = false
        var trouble: String?, deadline: ContinuousClock.Instant?
        while true {
            // In this order, whatever was committed before the end is read after it.
            let isOver = end.isSet
            if isOver, deadline == nil { deadline = .now + patience }
            do {
                let entries = try await log.entries(after: last, limit: most)
                for entry in entries { closed += engine.add(entry.event) }
                last = entries.last?.id ?? last
                if isOver, entries.count < most {
                    closed += engine.finish()
                    isLast = true
                }
                if last > published || isLast {
                    try await publish(Step(engine: engine, closed: closed, through: last, isLast: isLast))
                    closed = AnalyticsEngine.Output()
                    published = last
                }
                trouble = nil
                if isLast { return (engine, last, nil) }
                if entries.count == most { continue }
            } catch let error as CancellationError where Task.isCancelled {
                throw error
            } catch {
                trouble = "\(error)"
            }
            if let deadline, .now >= deadline { return (engine, last, trouble ?? "the engine has not caught up") }
            try await Task.sleep(for: interval)
        }
    }
}

/// Tells the one who follows that nothing is added any more.
private final class LoadEnd: Sendable {
    private let state = Atomic<Bool>(false)

    var isSet: Bool { state.load(ordering: .acquiring) }

    func set() { state.store(true, ordering: .releasing) }
}
