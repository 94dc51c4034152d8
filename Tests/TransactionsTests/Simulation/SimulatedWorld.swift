import Measurement

@testable import Transactions

/// What outlives a process in a simulation: the disks, Redis, the truth, and the seed's randomness.
///
/// `@unchecked`: used on the simulation's thread only, as everything that it refers to.
final class SimulatedWorld: @unchecked Sendable {
    let seed: UInt64
    /// Nil for stores that keep their contracts.
    let defect: Defect?
    var random: SplitMix64
    let thread = SimulatedThread()
    let clock = SimulatedClock()
    var faults: FaultRates
    let habits: ClientHabits
    let order: JobOrder
    var configuration = CoordinatorConfiguration()
    /// Whether the journal is trimmed; then Redis loses only what is young.
    let isTrimming: Bool
    var hasGraph: Bool
    let truth = Truth()
    let records = SimulatedDisk()
    let graph = SimulatedGraphFile()
    let redis = SimulatedServer()
    private(set) var violations: [String] = []
    /// What happened, in words; nil unless somebody wants to read it.
    private(set) var trace: [String]?
    /// How often what happened, to see that everything is tried.
    var tally: [String: Int] = [:]

    init(seed: UInt64, isTraced: Bool, defect: Defect? = nil) {
        self.seed = seed
        self.defect = defect
        random = SplitMix64(seed: seed)
        trace = isTraced ? [] : nil
        faults = FaultRates(&random)
        habits = ClientHabits(&random)
        order = JobOrder(&random)
        isTrimming = Int.random(in: 0..<4, using: &random) == 0
        hasGraph = !isTrimming || Bool.random(using: &random)
        configuration.firstPause = .milliseconds(1)
        configuration.longestPause = .milliseconds(20)
        configuration.maximumSnapshotAge = .milliseconds(50)
        configuration.mostOvertaken = Int.random(in: 0...5, using: &random)
        configuration.groups.units = [1, 2, 3, 100][Int.random(in: 0...3, using: &random)]
        configuration.groups.time = .microseconds(Int.random(in: 1...10_000, using: &random))
        configuration.cacheBatch = Int.random(in: 1...6, using: &random)
        if isTrimming {
            configuration.trimInterval = 3
            configuration.journalRetention = .milliseconds(20)
        }
        redis.world = self
        records.world = self
        graph.world = self
    }

    func chance(_ rate: Double) -> Bool {
        rate > 0 && Double.random(in: 0..<1, using: &random) < rate
    }

    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Which of so many jobs that are ready runs next, the oldest being the first.
    func next(of count: Int) -> Int { order.next(of: count, &random) }

    func note(_ text: @autoclosure () -> String) {
        trace?.append("\(clock.elapsed / 1_000) µs  \(text())")
    }

    func count(_ name: String) {
        tally[name, default: 0] += 1
    }

    func violate(_ text: String) {
        note("VIOLATION \(text)")
        violations.append(text)
    }

    func check(_ isTrue: Bool, _ text: @autoclosure () -> String) {
        if !isTrue { violate(text()) }
    }
}

/// One run of the coordinator's process.
///
/// `@unchecked`: as ``SimulatedWorld``.
final class SimulatedProcess: @unchecked Sendable {
    let world: SimulatedWorld
    let number: Int
    private(set) var isAlive = true
    /// Set once it is open.
    var core: CoordinatorCore?
    /// Whose body runs, or has run, as which unit.
    var attempts: [UnitID: Attempt] = [:]

    init(_ world: SimulatedWorld, number: Int) {
        self.world = world
        self.number = number
    }

    func die(_ at: String) {
        guard isAlive else { return }
        world.note("process \(number) dies at \(at)")
        world.count("crash at \(at)")
        isAlive = false
    }

    /// A moment at which the process may die: what it would do next doesn't happen.
    func step(_ name: String) throws {
        if isAlive, world.chance(world.faults.crash) { die(name) }
        guard isAlive else { throw Dead() }
    }
}

/// The process is dead, and what still runs of it can't do anything.
struct Dead: Error {}

/// Something that a store says.
struct SimulatedFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
