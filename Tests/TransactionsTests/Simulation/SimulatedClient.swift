import Measurement
import Stores

@testable import Transactions

/// A client of the coordinator, and what it may expect.
///
/// `@unchecked`: as ``SimulatedWorld``.
struct SimulatedClient: @unchecked Sendable {
    let process: SimulatedProcess
    let core: CoordinatorCore
    let records: SimulatedRecords
    let graph: SimulatedGraph?

    private var world: SimulatedWorld { process.world }
    private var truth: Truth { process.world.truth }

    func run(works: Int) async {
        for _ in 0..<works {
            guard process.isAlive else { return }
            if world.pick(0...4) == 0 { await snapshot() } else { await unit() }
            // Sometimes so long that Redis loses something, and nobody asks.
            try? await world.clock.sleep(for: .microseconds(world.pick(0...(world.pick(0...9) == 0 ? 40_000 : 500))))
        }
    }

    // MARK: Units

    private func unit() async {
        let key = world.pick(0...9) == 0 ? "request \(world.pick(0...3))" : nil
        let (actions, options) = (world.actions(), options())
        let cancellation = world.chance(world.habits.cancels) ? world.pick(0...3_000) : nil
        await unit(actions, options, key, cancelledAfter: cancellation)
    }

    /// Has a unit run, and looks at what comes of it.
    ///
    /// - Parameter cancellation: after how many microseconds it is cancelled.
    func unit(
        _ actions: [Action], _ options: TransactionOptions, _ key: String? = nil, cancelledAfter cancellation: Int?
    ) async {
        let (world, process) = (world, process)
        let work = truth.begin(key, at: world.thread.steps)
        let began = world.clock.now
        let body: @Sendable (isolated Transaction) async throws -> Int = { transaction in
            let attempt = world.truth.attempt(of: work)
            process.attempts[transaction.id] = attempt
            world.note("attempt \(attempt.id) of work \(work.id) begins as \(transaction.id)")
            try await transaction.run(actions, attempt, world)
            attempt.isBodyDone = true
            return attempt.id
        }
        let idempotency = key.map { key in
            Idempotency<Int>(
                key: key, encode: { Bytes(String($0).utf8) }, decode: { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }
            )
        }
        let task = Task(executorPreference: world.thread.clients) {
            try await core.run(options, idempotency: idempotency, body)
        }
        if let cancellation {
            try? await world.clock.sleep(for: .microseconds(cancellation))
            task.cancel()
        }
        let result = await task.result
        work.isOver = true
        guard process.isAlive else { return }
        let took = world.clock.now - began
        // Waiting for Redis comes on top, and so do the moments between two steps.
        world.check(
            took < options.timeLimit + options.cacheTimeLimit + .milliseconds(20),
            "I7: work \(work.id) took \(took), and was to take \(options.timeLimit)")
        switch result {
        case .success(let (value, receipt)): committed(work, value, receipt)
        case .failure(let error): failed(work, error, isCancelled: cancellation != nil, options)
        }
    }

    private func options() -> TransactionOptions {
        func limit(_ most: Int) -> Duration {
            world.chance(world.habits.hurries) ? .microseconds(world.pick(100...most)) : .seconds(30)
        }
        return TransactionOptions(
            timeLimit: limit(20_000), lockTimeLimit: limit(10_000),
            retry: RetryPolicy(maximumAttempts: world.pick(1...5), firstPause: .microseconds(200)),
            cacheTimeLimit: limit(5_000), priority: TransactionPriority.allCases[world.pick(0...2)])
    }

    private func committed(_ work: Work, _ value: Int, _ receipt: Receipt) {
        guard let attempt = truth.attempts[value] else { return world.violate("a unit returned \(value)") }
        guard let number = receipt.number else {
            world.count("read only")
            world.note("work \(work.id) has read")
            if attempt.work !== work { world.violate("work \(work.id) returned another's result") }
            return truth.readers.append(reader("attempt \(attempt.id), which only read,", work, attempt.deeds))
        }
        world.note("work \(work.id) is told of \(number)")
        world.check(
            truth.number(of: attempt) == number, "I1: \(number) was acknowledged, and attempt \(value) is not it")
        world.check(
            receipt.isRepetition == (attempt.work !== work), "isRepetition is wrong in the receipt of \(number)")
        world.check(
            !receipt.isCacheApplied || attempt.changedKeys.isEmpty || world.redis.highest >= number,
            "the receipt of \(number) says that Redis has it")
        world.check(
            !receipt.isGraphApplied || attempt.changedGraph.isEmpty || world.graph.contents.marker >= number,
            "the receipt of \(number) says that the graph has it")
        world.check(
            receipt.isRepetition || number > work.lowest, "I3: \(number) was begun after \(work.lowest) had been told")
        world.count(receipt.isRepetition ? "repeated" : receipt.isCacheApplied ? "committed" : "committed before Redis")
        truth.acknowledged = max(truth.acknowledged, number)
    }

    private func failed(_ work: Work, _ error: any Error, isCancelled: Bool, _ options: TransactionOptions) {
        world.note("work \(work.id) fails: \(error)")
        let code = (error as? TransactionError)?.code
        world.count("failed: \(code.map { "\($0)" } ?? "\(type(of: error))")")
        let allowed: [TransactionError.Code] = [
            .deadlineExceeded, .deadlock, .lockTimedOut, .storeFailed, .outcomeUnknown, .stopped, .ended,
        ]
        if let code {
            world.check(allowed.contains(code), "a unit failed with \(error)")
        } else {
            let isExpected =
                error is SimulatedFailure || error is Action.Thrown || (error is CancellationError && isCancelled)
            world.check(isExpected, "a unit failed with \(error)")
        }
        for attempt in work.attempts where truth.number(of: attempt) != nil {
            world.violate("I2: attempt \(attempt.id) is decided, and its caller was told: \(error)")
        }
        guard code != .outcomeUnknown else { return }
        // Nobody may act on what was never true, not even a body that is rolled back then. Where commits are shared, one
        // that is run again may have seen what never came to be.
        let isVerdict =
            (error as? TransactionError).map { !$0.isTransient && !Self.endsAtOnce.contains($0.code) } ?? true
        let judged =
            world.configuration.groups.units == 1
            ? work.attempts[...] : work.attempts.suffix(isVerdict && !isCancelled ? 1 : 0)
        for attempt in judged where truth.place(of: attempt.deeds, from: work.lowest, through: truth.last) == nil {
            world.violate(
                "I3: attempt \(attempt.id), which failed (\(error)), saw what was true at no time. Its deeds: \(attempt.deeds)"
            )
        }
    }

    /// Errors that say nothing of what the body has seen.
    private static let endsAtOnce: [TransactionError.Code] = [.deadlineExceeded, .lockTimedOut, .stopped]

    private func reader(_ name: String, _ work: Work, _ deeds: [Deed]) -> Truth.Reader {
        Truth.Reader(
            name: name, lowest: work.lowest, highest: truth.last, began: work.began, ended: world.thread.steps,
            deeds: deeds)
    }

    // MARK: Snapshots

    private func snapshot() async {
        let work = truth.begin(nil, at: world.thread.steps)
        do {
            let (id, number) = try await core.beginSnapshot()
            let deeds: [Deed]
            do {
                deeds = try await read(id, number)
            } catch {
                core.endSnapshot(id)
                throw error
            }
            core.endSnapshot(id)
            guard process.isAlive else { return }
            world.note("the snapshot \(work.id) at \(number) has read \(deeds)")
            world.check(
                number >= work.lowest, "I3: a snapshot is at \(number), and \(work.lowest) had been told before")
            guard number <= truth.last else {
                return world.violate("I3: a snapshot is at \(number), and \(truth.last) is decided")
            }
            var model = truth.models[Int(number)]
            if let wrong = model.run(deeds) { world.violate("I3: the snapshot \(work.id) at \(number) \(wrong)") }
            var placed = reader("the snapshot at \(number)", work, deeds)
            placed.highest = number
            placed.lowest = max(placed.lowest, number)
            truth.readers.append(placed)
            world.count("snapshot")
        } catch {
            guard process.isAlive else { return }
            world.note("the snapshot \(work.id) fails: \(error)")
            let code = (error as? TransactionError)?.code
            world.count("snapshot failed: \(code.map { "\($0)" } ?? "\(type(of: error))")")
            let isExpected =
                error is SimulatedFailure || code == .snapshotTooOld || code == .stopped || code == .storeFailed
            world.check(isExpected, "a snapshot failed with \(error)")
        }
    }

    private func read(_ id: SnapshotID, _ number: UInt64) async throws -> [Deed] {
        let world = world
        async let rows = records.snapshot()
        let nodes = try await graph?.snapshot() ?? [:]
        let found = try await rows
        core.snapshotHasBegun(id)
        var deeds: [Deed] = []
        for _ in 0..<world.pick(1...6) {
            try await world.clock.sleep(for: .microseconds(world.pick(0...2_000)))
            let place = world.place(0...5)
            switch place.store {
            case .sqlite: deeds.append(.read(place, found[place.key].map { .number($0) } ?? .nothing))
            case .graph: deeds.append(.read(place, nodes[place.key].map { .number($0) } ?? .nothing))
            case .redis:
                let query: CacheQuery = place.isSet ? .members : .string
                let answer = try await core.ask(query, of: place.cacheKey, at: number, for: id)
                deeds.append(.read(place, Content(answer)))
            }
        }
        return deeds
    }
}

extension Content {
    init(_ answer: CacheAnswer) {
        switch answer {
        case .bytes(let bytes): self = .number(Int(String(decoding: bytes, as: UTF8.self)) ?? -1)
        case .members(let members) where !members.isEmpty:
            self = .members(Set(members.map { Int(String(decoding: $0, as: UTF8.self)) ?? -1 }))
        default: self = .nothing
        }
    }
}
