import Foundation
import Testing
import Threads

@testable import Transactions

/// The coordinator's logic over simulated stores, clocks and schedules.
///
/// A failure names its seed. `TRIVET_SIMULATION_SEED=7` repeats that one alone and prints all that happened;
/// `TRIVET_SIMULATION_SEEDS=100000` runs that many, `TRIVET_SIMULATION_STEPS=100000000` as many as make that many
/// steps, each from `TRIVET_SIMULATION_FIRST` on (1 by default), and both print how often what happened:
/// `TRIVET_SIMULATION_STEPS=10000000 make test FILTER=SimulationTests`.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    private static func setting(_ name: String) -> UInt64? {
        environment["TRIVET_SIMULATION_\(name)"].flatMap { UInt64($0) }
    }

    /// In a run without settings.
    private static let seeds: UInt64 = 1_000

    @Test("I1–I5, I7, I8: a thousand simulated runs with crashes and faults, each from a seed, break no invariant")
    func seeds() async throws {
        if let seed = Self.setting("SEED") {
            return try await onThread { Self.report(Simulation.run(seed: seed, isTraced: true), most: .max) }
        }
        let steps = Self.setting("STEPS").map { Int($0) }
        let seeds = Self.setting("SEEDS") ?? (steps == nil ? Self.seeds : .max)
        let first = Self.setting("FIRST") ?? 1
        try await onThread {
            var total = SimulationTotal()
            while total.seeds < seeds, steps.map({ total.steps < $0 }) ?? true, total.failures < 5 {
                let outcome = Simulation.run(seed: first + total.seeds)
                total.add(outcome)
                if !outcome.violations.isEmpty { Self.report(Simulation.run(seed: outcome.seed, isTraced: true)) }
            }
            if Self.setting("STEPS") != nil || Self.setting("SEEDS") != nil { print(total) }
        }
    }

    private static func report(_ outcome: Simulation.Outcome, most: Int = 150) {
        for violation in outcome.violations.prefix(3) {
            Issue.record("\(violation). Repeat it with TRIVET_SIMULATION_SEED=\(outcome.seed)")
        }
        print((outcome.trace.suffix(most) + outcome.violations).joined(separator: "\n"))
    }

    @Test("The same seed does the same, step by step")
    func repeatable() async throws {
        try await onThread {
            for seed in UInt64(1)...50 {
                let (first, second) = (
                    Simulation.run(seed: seed, isTraced: true), Simulation.run(seed: seed, isTraced: true)
                )
                #expect(first.trace == second.trace)
                #expect(first.digest == second.digest && first.steps == second.steps)
            }
            #expect(Simulation.run(seed: 1).digest != Simulation.run(seed: 2).digest)
        }
    }

    @Test("A store that breaks its contract is noticed within some seeds", arguments: Defect.allCases)
    func defects(_ defect: Defect) async throws {
        try await onThread {
            let found = (UInt64(1)...500).first { !Simulation.run(seed: $0, defect: defect).violations.isEmpty }
            #expect(found != nil, "\(defect) was not noticed")
            if let found, Self.setting("SEEDS") != nil { print("\(defect): noticed at seed \(found)") }
        }
    }
}

/// What many runs amount to.
private struct SimulationTotal: CustomStringConvertible {
    private(set) var seeds: UInt64 = 0
    private(set) var steps = 0
    private(set) var failures = 0
    private var tally: [String: Int] = [:]

    mutating func add(_ outcome: Simulation.Outcome) {
        seeds += 1
        steps += outcome.steps
        if !outcome.violations.isEmpty { failures += 1 }
        tally.merge(outcome.tally) { $0 + $1 }
    }

    var description: String {
        let rows = tally.sorted { $0.key < $1.key }.map { "  \($0.value)  \($0.key)" }
        return (["\(seeds) seeds, \(steps) steps, \(failures) failures"] + rows).joined(separator: "\n")
    }
}
