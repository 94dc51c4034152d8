import Logging
import Measurement

@testable import Transactions

/// The coordinator over simulated stores, driven by a seed: the same seed does the same.
///
/// Processes begin, recover, serve clients, and crash or end; at the end one without faults brings everything to rest.
/// What was decided, told and read is compared with the truth all along.
struct Simulation {
    struct Outcome {
        var seed: UInt64
        var steps: Int
        var digest: UInt64
        var violations: [String]
        var trace: [String]
        var tally: [String: Int]
    }

    private let world: SimulatedWorld
    /// More moves than any process needs.
    private static let patience = 200_000

    static func run(seed: UInt64, isTraced: Bool = false, defect: Defect? = nil) -> Outcome {
        let simulation = Simulation(world: SimulatedWorld(seed: seed, isTraced: isTraced, defect: defect))
        return simulation.run()
    }

    /// Runs a process without faults whose clients do what a script says, and one after it.
    static func run(
        seed: UInt64, configuration: CoordinatorConfiguration, script: @escaping (SimulatedClient) async -> Void
    ) -> Outcome {
        let world = SimulatedWorld(seed: seed, isTraced: true)
        world.faults = .none
        world.configuration = configuration
        world.hasGraph = true
        return Simulation(world: world).run {
            $0.runProcess(1, lifetime: nil, script)
        }
    }

    private func run() -> Outcome {
        run { simulation in
            simulation.scheduleServerFaults()
            for number in 1...simulation.world.pick(1...4) where simulation.world.violations.isEmpty {
                simulation.runProcess(number)
            }
        }
    }

    /// - Parameter processes: runs those before the last one.
    private func run(_ processes: (Simulation) -> Void) -> Outcome {
        world.thread.begin()
        processes(self)
        if world.violations.isEmpty {
            world.faults = .none
            world.redis.isDown = false
            world.clock.dropEvents()
            runProcess(99, lifetime: nil, Self.clients(2, works: 2))
            compareStores()
        }
        for wrong in world.truth.placeReaders() { world.violate(wrong) }
        world.check(world.thread.escapes == 0, "\(world.thread.escapes) jobs left the simulation's thread")
        world.thread.end()
        return Outcome(
            seed: world.seed, steps: world.thread.steps, digest: world.thread.digest, violations: world.violations,
            trace: world.trace ?? [], tally: world.tally)
    }

    // MARK: One process

    /// What a process leaves to look at. `@unchecked`: on the simulation's thread only.
    private final class Run: @unchecked Sendable {
        var core: CoordinatorCore?
        var isOver = false

        /// What the coordinator has not given back.
        var left: [String] {
            var left: [String] = []
            core?.assumeIsolatedBySimulation { left = $0.left }
            return left
        }
    }

    /// Runs a process as the seed will have it.
    private func runProcess(_ number: Int) {
        let (clients, works) = (world.pick(1...6), world.pick(1...6))
        let lifetime = world.pick(0...2) > 0 ? world.pick(0...1_500) : nil
        let closing = world.pick(0...3) == 0 ? world.pick(0...20_000) : nil
        runProcess(number, lifetime: lifetime, Self.clients(clients, works: works, closing: closing))
    }

    /// Clients that do so many works each.
    ///
    /// - Parameter closing: after how many microseconds the coordinator is closed, whatever they do.
    private static func clients(
        _ count: Int, works: Int, closing: Int? = nil
    ) -> (SimulatedClient) async -> Void {
        { client in
            let world = client.process.world
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask(executorPreference: world.thread.clients) { await client.run(works: works) }
                }
                if let closing {
                    group.addTask(executorPreference: world.thread.clients) {
                        try? await world.clock.sleep(for: .microseconds(closing))
                        await client.core.close(within: .microseconds(world.pick(0...10_000)))
                    }
                }
            }
        }
    }

    /// - Parameters:
    ///   - lifetime: after how many steps it dies.
    ///   - serve: what its clients do.
    private func runProcess(_ number: Int, lifetime: Int?, _ serve: @escaping (SimulatedClient) async -> Void) {
        let process = SimulatedProcess(world, number: number)
        let run = Run()
        world.note("process \(number) begins")
        let main = Main(process: process, serve: serve)
        Task(executorPreference: world.thread.clients) {
            await main.run { run.core = $0 }
            run.isOver = true
        }
        let first = world.thread.steps
        var moves = 0
        while !run.isOver, process.isAlive {
            moves += 1
            let isStuck = !step()
            if let lifetime, world.thread.steps - first > lifetime { process.die("any moment") }
            guard !isStuck, moves < Self.patience else {
                return world.violate("I7: process \(number) does not come to an end: \(run.left)")
            }
        }
        bury(run, process)
    }

    /// Lets a dead process's tasks end, none of which can do anything any more.
    private func bury(_ run: Run, _ process: SimulatedProcess) {
        if !process.isAlive, let core = run.core {
            Task(executorPreference: world.thread.clients) { await core.stop(Dead()) }
        }
        var moves = 0
        while !run.isOver || !world.thread.isIdle || world.clock.hasSleepers {
            moves += 1
            guard step(), moves < Self.patience else {
                return world.violate(
                    "I7: process \(process.number) was stopped, and does not come to an end: \(run.left)")
            }
        }
        world.check(run.left.isEmpty, "I7: process \(process.number) has ended, and left \(run.left)")
    }

    /// Runs a job, or lets time pass.
    ///
    /// - Returns: false if nothing waits for anything.
    private func step() -> Bool {
        if world.thread.isIdle { return world.clock.hasSleepers && world.clock.advanceToNext() }
        world.thread.step(choose: world.next)
        world.clock.advance(by: Int64(world.pick(0...20_000)))
        return true
    }

    // MARK: The server

    private func scheduleServerFaults() {
        let world = world
        world.clock.schedule(after: .microseconds(world.pick(500...8_000))) {
            if world.chance(world.faults.redisDown) {
                world.redis.isDown = true
                world.note("Redis is down")
                world.clock.schedule(after: .microseconds(world.pick(0...30_000))) {
                    world.note("Redis is back")
                    world.redis.isDown = false
                }
            }
            if world.chance(world.faults.redisLoses) { world.redis.lose(within: .milliseconds(10)) }
            if !world.isTrimming, world.chance(world.faults.redisEmptied) { world.redis.empty() }
            self.scheduleServerFaults()
        }
    }

    /// At the end every store holds what was decided, and nothing else.
    private func compareStores() {
        let last = world.truth.models[Int(world.truth.last)]
        let rows = Dictionary(
            uniqueKeysWithValues: world.records.contents.rows.map {
                (SimulatedPlace(store: .sqlite, key: $0.key), Content.number($0.value))
            })
        world.check(rows == last.contents(of: .sqlite), "I1, I2: SQLite holds \(rows), and should hold \(last)")
        if world.hasGraph, let wrong = world.graph.difference(at: world.truth.last) {
            world.violate("I1, I2: \(wrong)")
        }
        if let wrong = world.redis.difference(at: world.truth.last) { world.violate("I1, I2: \(wrong)") }
    }
}

/// What a process does: recovers the stores, serves its clients, and closes.
///
/// `@unchecked`: as ``SimulatedWorld``.
private struct Main: @unchecked Sendable {
    let process: SimulatedProcess
    let serve: (SimulatedClient) async -> Void

    private var world: SimulatedWorld { process.world }

    func run(_ begun: (CoordinatorCore) -> Void) async {
        let (world, process) = (world, process)
        let records = SimulatedRecords(process)
        let graph = world.hasGraph ? SimulatedGraph(process) : nil
        let recovery = Recovery(
            lane: world.thread.lane, decision: records, graph: graph,
            cache: { SimulatedRedis(process, $0) },
            configuration: world.configuration, logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        let outcome: Recovery.Outcome
        do {
            outcome = try await recovery.run()
        } catch {
            world.note("recovery fails: \(error)")
            world.count("recovery failed")
            if process.isAlive, let error = error as? TransactionError { world.violate("recovery failed: \(error)") }
            return
        }
        guard process.isAlive else { return }
        world.check(outcome.report.lastNumber == world.truth.last, "recovery found \(outcome.report.lastNumber)")
        world.check(!outcome.report.cacheWasDiscarded, "recovery gave up what Redis had lost")
        let core = await CoordinatorCore.begin(
            after: recovery, outcome, lane: world.thread.lane, clock: world.clock, seed: world.random.next())
        begun(core)
        process.core = core
        let client = SimulatedClient(process: process, core: core, records: records, graph: graph)
        await serve(client)
        await core.close(within: .seconds(60))
        world.note("process \(process.number) has closed")
    }
}

extension CoordinatorCore {
    /// All that nobody may have left when everything has ended.
    fileprivate var left: [String] {
        var left = units.keys.sorted().map { "\($0)" }
        left += endings.keys.sorted().map { "why \($0) ended" }
        left += statements.withLock { $0.isDoomed.keys.sorted().map { "whether \($0) is to end" } }
        if !locks.isEmpty { left.append("locks: \(locks)") }
        left += cacheState.withLock { $0.left }
        if !group.isEmpty { left.append("a group of \(group.members.count)") }
        if !begun.isEmpty { left.append("transactions of \(begun.members.map(\.rawValue).sorted())") }
        if !gate.isAtRest { left.append("snapshots, or a commit that keeps them out") }
        if !loneWaits.isEmpty { left.append("\(loneWaits.count) waits of checkpoints") }
        if checkpoint != nil { left.append("a checkpoint") }
        if !idleWaits.isEmpty { left.append("\(idleWaits.count) waits for rest") }
        return left
    }

    /// Nothing runs on the lane, whose only thread this is.
    fileprivate nonisolated func assumeIsolatedBySimulation(_ body: (isolated CoordinatorCore) -> Void) {
        withoutActuallyEscaping(body) { body in
            typealias Plain = (CoordinatorCore) -> Void
            unsafeBitCast(body, to: Plain.self)(self)
        }
    }
}
