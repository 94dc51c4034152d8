import Testing

@testable import LoadTesting
@testable import Scenarios

@Suite("How long faults were felt is judged by what was seen")
struct RecoveryResultTests {
    private func check(_ recoveries: [(healed: Double, time: Double?)]) -> CheckResult {
        let expression = TargetExpression(
            metric: .recovery, operation: nil, comparison: .below, limit: 10, text: "recovery < 10s")
        return CheckResult(
            TargetDefinition(expression: expression, scope: .run), scenario: "own",
            recoveries.enumerated().map { number, recovery in
                RecoveryTracker.Recovery(
                    fault: number, healed: .seconds(recovery.healed), time: recovery.time.map { .seconds($0) })
            }, until: .seconds(30))
    }

    @Test("S9: the slowest counts")
    func slowest() {
        let met = check([(5, 0.3), (9, 2.5)])
        #expect(met.verdict == .pass && met.value == 2.5 && met.beyond == 0 && met.endless == nil)
        let missed = check([(5, 0.3), (9, 10)])
        #expect(missed.verdict == .fail && missed.beyond == 1)
    }

    @Test("S9: one that never ended is a failure once it has taken too long, and before not known")
    func never() {
        let long = check([(5, 0.3), (9, nil)])
        #expect(long.verdict == .fail && long.value == 21 && long.endless == 1 && long.beyond == 1)
        let short = check([(5, 0.3), (28, nil)])
        #expect(short.verdict == .inconclusive && !short.pass && short.endless == 1)
        let both = check([(5, 12), (28, nil)])
        #expect(both.verdict == .fail && both.beyond == 2)
    }
}
