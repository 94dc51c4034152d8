import Measurement
import Testing

@testable import LoadTesting

@Suite("S8: a production mix at a steady rate", .timeLimit(.minutes(5))) struct SustainedTests {
    @Test("S8: the mix runs on live engines; nothing is lost, and a short run is not judged for memory.growth or drift")
    func mix() async throws {
        var plan = LoadPlan()
        plan.requestedSteady = .seconds(2)
        plan.scale = 0.1
        let result = try await ScenarioRun(plan: plan).run(
            profile: "sustained", command: "", monitor: LoadMonitor())
        let scenario = try #require(result.scenarios.first)
        #expect(scenario.id == "sustained" && scenario.failureKinds == [] && scenario.pass)
        let checks = Dictionary(uniqueKeysWithValues: result.checks.map { ($0.id, $0) })
        #expect(checks["sustained.consistency"]?.pass == true && checks["sustained: success >= 99%"]?.pass == true)
        #expect(checks["memory.growth"] == nil && checks["sustained.drift"] == nil)
        let kinds = Set(scenario.latencies?.map(\.id) ?? [])
        #expect(
            kinds.isSuperset(
                of: ["look", "feed", "suggest", "compare", "post", "follow", "sign-up"].map { "sustained.\($0)" }))
    }

    /// Five minutes at a rate; a latency in milliseconds at each moment.
    private func series(seconds: Int = 300, seed: UInt64, _ latency: (Double) -> Double) -> LatencySeries {
        var generator = SplitMix64(seed: seed)
        var series = LatencySeries.ofRun
        for number in 0..<seconds * 20 {
            let time = Double(number) / 20
            let noise = Double.random(in: 0.5...1.5, using: &generator)
            series.record(.milliseconds(latency(time) * noise), at: .seconds(time))
        }
        return series
    }

    @Test("S8: sustained.drift is the operation whose last third is slowest against its first, with an interval")
    func drift() throws {
        let post = Target(id: "sustained.post", summary: "", comparison: .below, limit: .infinity, unit: "ms")
        let look = Target(id: "sustained.look", summary: "", comparison: .below, limit: .infinity, unit: "ms")
        let steady = series(seed: 1) { _ in 4 }
        let calm = try #require(CheckResult.latencyDrift(of: [post: steady, look: steady]))
        let interval = try #require(calm.interval)
        #expect(calm.id == "sustained.drift" && calm.pass && calm.unit == "×" && interval.low < interval.high)
        #expect(interval.low < 1.05 && interval.high > 0.95 && abs(calm.value - 1) < 0.1)
        // From 4 ms to 12 ms: the thirds' medians are 5.3 and 10.7.
        let growing = series(seed: 2) { 4 + 8 * $0 / 300 }
        let slower = try #require(CheckResult.latencyDrift(of: [post: growing, look: steady]))
        #expect(!slower.pass && slower.limitedBy == "post" && abs(slower.value - 2) < 0.3)
        // A hiccup in the middle of the last third is none.
        let hiccup = series(seed: 3) { (240..<260).contains($0) ? 400 : 4 }
        #expect(try #require(CheckResult.latencyDrift(of: [look: hiccup])).pass)
        #expect(CheckResult.latencyDrift(of: [look: series(seconds: 10, seed: 4) { _ in 1 }]) == nil)
        #expect(CheckResult.latencyDrift(of: [:]) == nil)
    }
}
