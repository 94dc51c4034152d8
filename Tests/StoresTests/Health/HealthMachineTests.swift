import Foundation
import Measurement
import Testing

@testable import Pooling
@testable import Stores

@Suite("P6: a store's health as a value")
struct HealthMachineTests {
    private var machine = HealthMachine(
        .redis, configuration: HealthConfiguration(), now: Date(timeIntervalSince1970: 0))
    private var looks = 0

    private mutating func look(_ probe: HealthMachine.Probe, _ change: (inout PoolStatus) -> Void = { _ in })
        -> HealthChange?
    {
        looks += 1
        var status = PoolStatus()
        status.maximum = 10
        change(&status)
        let pools = [NamedPoolStatus(name: "redis", status: status)]
        return machine.look(probe, pools, now: Date(timeIntervalSince1970: Double(looks)))
    }

    private let good = HealthMachine.Probe.worked(took: .milliseconds(1))

    @Test("P6: one failed probe degrades, three in a row mean down, with reason and since when")
    mutating func down() {
        #expect(look(good) == nil)
        let first = look(.failed("refused"))
        #expect(first?.previous == .healthy)
        #expect(first?.health.state == .degraded)
        #expect(first?.health.reasons.map(\.description) == ["probeFailed: refused (1 in a row)"])
        #expect(look(.unanswered(after: .seconds(1))) == nil)
        #expect(machine.health.reasons.first?.detail == "no answer within 1.0 seconds (2 in a row)")
        let down = look(.failed("refused"))
        #expect(down?.health.state == .down)
        #expect(down?.health.since == Date(timeIntervalSince1970: 4))
        #expect(look(.failed("refused")) == nil)
        #expect(machine.health.since == Date(timeIntervalSince1970: 4))
    }

    @Test("P6: the first probe that works ends down, and the second makes it healthy")
    mutating func recovery() {
        for _ in 0..<5 { _ = look(.failed("refused")) }
        #expect(machine.health.state == .down)
        let up = look(good)
        #expect(up?.previous == .down)
        #expect(up?.health.state == .degraded)
        #expect(up?.health.reasons.map(\.kind) == [.recovering])
        let healthy = look(good)
        #expect(healthy?.health.state == .healthy)
        #expect(healthy?.health.reasons == [])
    }

    @Test("P6: a slow probe counts only when it was slow twice, and calm only when it lasts")
    mutating func slow() {
        let slow = HealthMachine.Probe.worked(took: .milliseconds(700))
        #expect(look(slow) == nil)
        #expect(look(good) == nil)
        #expect(look(slow) == nil)
        #expect(look(slow)?.health.reasons.map(\.kind) == [.slowProbe])
        #expect(look(good) == nil)
        #expect(look(slow) == nil)
        #expect(look(good) == nil)
        #expect(look(good)?.health.state == .healthy)
        #expect(machine.health.lastProbeSeconds == 0.001)
    }

    @Test("P6: a pool that can't connect degrades its store, with the last error")
    mutating func connecting() {
        let change = look(good) {
            $0.connectFailuresInARow = 3
            $0.lastConnectFailure = ConnectFailure(ScriptedError(description: "no route"))
        }
        #expect(
            change?.health.reasons.map(\.description) == ["connectFailures in redis: 3 in a row, the last: no route"])
        #expect(change?.health.state == .degraded)
    }

    @Test("P6: acquire timeouts and leases held too long are seen from one look to the next")
    mutating func counters() {
        // What was before the first look is not its business.
        #expect(look(good) { $0.counters.leaks = 5 } == nil)
        let leak = look(good) { $0.counters.leaks = 6 }
        #expect(leak?.health.reasons.map(\.kind) == [.heldTooLong])
        #expect(look(good) { $0.counters.leaks = 6 } == nil)
        #expect(look(good) { $0.counters.leaks = 6 }?.health.state == .healthy)
        for count in 1...2 {
            let change = look(good) {
                $0.counters.leaks = 6
                $0.counters.timedOut = count
            }
            #expect((change == nil) == (count == 1))
        }
        #expect(machine.health.reasons.map(\.kind) == [.acquireTimeouts])
    }

    @Test("P6: waiting that moves on is busy, not unwell; a full pool that hands out nothing is exhausted")
    mutating func exhausted() {
        for count in 0..<5 {
            let change = look(good) {
                ($0.leased, $0.waiting) = (10, 4)
                $0.counters.acquired = 100 * count
            }
            #expect(change == nil)
        }
        func full(_ status: inout PoolStatus) {
            (status.leased, status.waiting) = (10, 4)
            status.counters.acquired = 400
        }
        #expect(look(good, full) == nil)
        #expect(look(good, full)?.health.reasons.map(\.kind) == [.exhausted])
    }

    @Test("P6: a probe that found no free connection degrades, however often: the store itself may be well")
    mutating func probeWithoutConnection() {
        #expect(look(good) { $0.leased = 10 } == nil)
        for count in 0..<10 {
            let change = look(.unanswered(after: .seconds(1))) { $0.leased = 10 }
            #expect((change?.health.state == .degraded) == (count == 0))
        }
        #expect(machine.health.state == .degraded)
        #expect(machine.health.reasons.map(\.kind) == [.exhausted])
    }

    @Test("P6: whatever comes, down means enough failures in a row, healthy none, and every change is told")
    func random() {
        var generator = SplitMix64(seed: 11)
        var machine = HealthMachine(.graph, configuration: HealthConfiguration(), now: .distantPast)
        var failures = 0
        var told = HealthState.healthy
        var states: Set<HealthState> = []
        for step in 0..<20_000 {
            var status = PoolStatus()
            status.maximum = 4
            status.counters.leaks = step / 500
            status.connectFailuresInARow = Int.random(in: 0...3, using: &generator)
            let probe: HealthMachine.Probe
            let fails = Int.random(in: 0..<100, using: &generator) < (step / 1_000 % 2 == 0 ? 5 : 80)
            if fails {
                probe = Bool.random(using: &generator) ? .failed("x") : .unanswered(after: .seconds(1))
            } else {
                probe = .worked(took: .milliseconds(Int.random(in: 0...600, using: &generator)))
            }
            failures = fails ? failures + 1 : 0
            let pools = [NamedPoolStatus(name: "graph", status: status)]
            let change = machine.look(probe, pools, now: Date(timeIntervalSince1970: Double(step)))
            if let change {
                #expect(change.previous == told)
                told = change.health.state
            }
            states.insert(told)
            guard machine.health.state == told, (told == .down) == (failures >= 3), told != .healthy || failures == 0,
                (told == .healthy) == machine.health.reasons.isEmpty
            else {
                Issue.record("step \(step): \(machine.health), \(failures) failures in a row, told \(told)")
                return
            }
        }
        #expect(states == Set(HealthState.allCases))
    }

    @Test("The worst state is the overall one, and reports survive JSON")
    func report() throws {
        let stores = zip(StoreKind.allCases, [HealthState.healthy, .down, .degraded]).map {
            StoreHealth(store: $0, state: $1, since: Date(timeIntervalSince1970: 5), reasons: [])
        }
        let report = HealthReport(stores: stores)
        #expect(report.overall == .down)
        #expect(report[.redis]?.state == .degraded)
        #expect(HealthReport(stores: []).overall == .healthy)
        let copy = try JSONDecoder().decode(HealthReport.self, from: JSONEncoder().encode(report))
        #expect(copy == report)
    }
}
