import Failpoints
import Logging

/// Brings the stores to the decided state, before anything else is done with them. Can be killed at any point and run
/// again.
struct Recovery: Sendable {
    let lane: any SerialExecutor
    let decision: any DecisionParticipant
    let graph: (any GraphParticipant)?
    /// Redis, for a coordinator with an identity and an epoch.
    let cache: (@Sendable (Journal.Meta) -> any CacheParticipant)?
    let configuration: CoordinatorConfiguration
    let logger: Logger

    /// What a coordinator begins with.
    struct Outcome {
        var report: RecoveryReport
        var cache: (any CacheParticipant)?
        var position: StorePosition
        /// What Redis lacks: it is brought there by the coordinator, since Redis is no reason to wait.
        var behind: [(number: UInt64, writes: CacheWriteSet)] = []
    }

    func run() async throws -> Outcome {
        let meta = try await decision.openJournal()
        Failpoint.openEpoch.pass()
        var outcome = Outcome(
            report: RecoveryReport(identity: meta.identity, epoch: meta.epoch, lastNumber: meta.lastNumber),
            cache: cache?(meta),
            position: StorePosition(lastNumber: meta.lastNumber, trimmed: meta.trimmed, cacheApplied: meta.lastNumber))
        if let graph {
            outcome.report.graphReplayed = try await GraphRecovery(lane: lane).recover(graph, decision, meta)
        }
        if let cache = outcome.cache {
            let after = try await adopt(cache, meta, &outcome.report)
            outcome.position.cacheApplied = after
            outcome.behind = try await decision.journal(of: .redis, after: after, through: meta.lastNumber)
                .map { ($0.number, CacheWriteSet($0.cache)) }.filter { !$0.writes.isEmpty }
            outcome.report.cacheReplayed = outcome.behind.count
        }
        return outcome
    }

    /// Takes Redis over, and says from which number on it is brought up to date.
    private func adopt(
        _ cache: any CacheParticipant, _ meta: Journal.Meta, _ report: inout RecoveryReport
    ) async throws -> UInt64 {
        do {
            Failpoint.takeOverBefore.pass()
            let adoption = try await cache.adopt()
            let (after, isLoss) = try Self.plan(meta, cache: adoption)
            if isLoss {
                try await cache.discardManagedKeys(configuration.managedKeys)
                report.cacheWasDiscarded = true
                Failpoint.discarded.pass()
            }
            if isLoss || adoption == .new {
                try await cache.reset(from: adoption.marker, to: after)
                Failpoint.takeOverReset.pass()
            }
            return after
        } catch let error where !(error is TransactionError || error is CancellationError) {
            // Redis is no reason to keep the records closed: what it lacks waits for it, and its marker is looked at
            // again then.
            logger.warning("Redis can't be reached", metadata: ["error": "\(error)"])
            report.isCacheReachable = false
            return meta.trimmed
        }
    }
}

/// What recovery does on the lane, where the graph's writer lives.
private actor GraphRecovery {
    private let lane: any SerialExecutor

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(lane: any SerialExecutor) {
        self.lane = lane
    }

    /// - Returns: how many units were done again.
    func recover(
        _ graph: any GraphParticipant, _ decision: any DecisionParticipant, _ meta: Journal.Meta
    ) async throws -> Int {
        try await graph.acquire()
        defer { graph.release() }
        let identity = try graph.identity()
        let marker = identity == nil ? 0 : try graph.marker()
        let plan = try Recovery.plan(meta, found: identity, marker: marker, store: "the graph")
        if plan.adopts { try graph.adopt(meta.identity) }
        let rows = try await decision.journal(of: .graph, after: plan.after, through: meta.lastNumber)
        return try replay(rows, in: graph)
    }

    /// The most units that one transaction of the graph does again.
    private static let chunk = 100

    /// Does in the graph again what it lacks.
    private func replay(_ rows: [JournalRow], in graph: any GraphParticipant) throws -> Int {
        let missing = rows.filter { !$0.graph.isEmpty }
        var start = missing.startIndex
        while start < missing.endIndex {
            let chunk = missing[start..<min(start + Self.chunk, missing.endIndex)]
            Failpoint.replayBefore.pass()
            try graph.begin(expecting: nil)
            do {
                try replay(chunk.flatMap(\.graph), in: graph)
                Failpoint.replayDone.pass()
                try graph.commit(number: chunk[chunk.endIndex - 1].number)
                Failpoint.replayAfter.pass()
            } catch {
                graph.rollback()
                throw error
            }
            start = chunk.endIndex
        }
        return missing.count
    }

    private func replay(_ redo: [GraphRedo], in graph: any GraphParticipant) throws {
        do {
            try graph.replay(redo, inBatches: true)
        } catch {
            // One by one is how they were run before.
            graph.rollback()
            try graph.begin(expecting: nil)
            try graph.replay(redo, inBatches: false)
        }
    }
}

extension CoordinatorCore {
    /// A coordinator that goes on where recovery left the stores.
    static func begin(
        after recovery: Recovery, _ outcome: Recovery.Outcome, lane: any SerialExecutor & TaskExecutor,
        clock: any CoordinatorClock, seed: UInt64
    ) async -> CoordinatorCore {
        let core = CoordinatorCore(
            lane: lane,
            participants: .init(decision: recovery.decision, graph: recovery.graph, cache: outcome.cache), clock: clock,
            configuration: recovery.configuration, position: outcome.position, seed: seed, logger: recovery.logger)
        await core.bringCacheOn(outcome.behind, from: outcome.position.cacheApplied)
        return core
    }
}
