import Foundation
import LoadTesting
import Measurement
import Synchronization
import Testing

@testable import Benchmarking

@Suite("Benchmarks: pairs in turns, and what is kept of them")
struct BenchmarkerTests {
    private let lower = Target(id: "bench.lower", summary: "", comparison: .atMost, limit: 1.5, unit: "×")
    private let higher = Target(id: "bench.higher", summary: "", comparison: .atLeast, limit: 2, unit: "×")

    /// Gives values one after the other.
    private final class Values: Sendable {
        private let left: Mutex<[Double]>
        init(_ values: [Double]) { left = Mutex(values) }
        func next() -> Double { left.withLock { $0.removeFirst() } }
    }

    @Test("M4: a ratio is of times or of speeds, each turn is kept, and the first only warms up")
    func ratios() async throws {
        let benchmarker = Benchmarker(repetitions: 3) { _ in }
        let (ours, theirs) = (Values([100, 2, 4, 6]), Values([1, 2, 2, 2]))
        try await benchmarker.compare(
            lower, .time, limitedBy: "x", subject: { ours.next() }, reference: { theirs.next() })
        let (fast, slow) = (Values([1, 1, 1, 1]), Values([100, 2, 3, 4]))
        try await benchmarker.compare(
            higher, .speed, limitedBy: "x", subject: { fast.next() }, reference: { slow.next() })
        #expect(benchmarker.metrics.map(\.runs) == [[[1, 2, 3]], [[2, 3, 4]]])
        #expect(benchmarker.metrics.map(\.better) == [.lower, .higher])
        #expect(benchmarker.checks.map(\.value) == [2, 3] && benchmarker.checks.map(\.pass) == [false, true])
        #expect(benchmarker.checks.map(\.samples) == [3, 3])
    }

    @Test("M4: subject and reference take turns in being first")
    func turns() async throws {
        let order = Mutex<[String]>([])
        let benchmarker = Benchmarker(repetitions: 1) { _ in }
        func note(_ name: String) -> Double {
            order.withLock { $0.append(name) }
            return 1
        }
        try await benchmarker.compare(
            lower, .time, limitedBy: "", subject: { note("subject") }, reference: { note("reference") })
        #expect(order.withLock { $0 } == ["reference", "subject", "subject", "reference"])
    }

    @Test("M4: a loss around nothing is judged in per cent and kept as a ratio of times")
    func loss() async throws {
        let benchmarker = Benchmarker(repetitions: 2) { _ in }
        let ratios = Values([9, 1.25, 0.8])
        let target = Target(id: "bench.loss", summary: "", comparison: .atMost, limit: 3, unit: "%")
        try await benchmarker.measureLoss(target, limitedBy: "x") { _ in ratios.next() }
        // 1.25 times the time is 20 % less throughput; 0.8 times is 25 % more.
        #expect(benchmarker.checks[0].value == -2.5)
        #expect(benchmarker.metrics[0].runs == [[1.25, 0.8]] && benchmarker.metrics[0].unit == "×")
    }

    @Test("M4: a latency is judged over all repetitions, and each one's percentile is kept")
    func latency() async throws {
        let benchmarker = Benchmarker(repetitions: 3) { _ in }
        let target = Target(id: "bench.lag", summary: "", comparison: .below, limit: 10, unit: "ms")
        let milliseconds = Values([500, 1, 2, 3])
        try await benchmarker.judge(target, limitedBy: "x") {
            var recorder = LatencyRecorder()
            let value = milliseconds.next()
            for _ in 0..<100 { recorder.record(.milliseconds(value)) }
            return recorder
        }
        #expect(benchmarker.checks[0].samples == 300 && benchmarker.checks[0].pass)
        let kept = try #require(benchmarker.metrics.first?.runs.first)
        #expect(kept.map { ($0 * 100).rounded() / 100 } == [1, 2, 3])
    }

    @Test("M4: an interrupted suite keeps what was measured whole, and nothing of the rest")
    func interrupted() async throws {
        let benchmarker = Benchmarker(repetitions: 10) { _ in }
        let target = lower
        try await benchmarker.measure(target, limitedBy: "x") { 1 }
        let work = Task {
            try await benchmarker.measure(target, limitedBy: "x") {
                withUnsafeCurrentTask { $0?.cancel() }
                return 1
            }
        }
        do {
            try await work.value
            Issue.record("it went on")
        } catch is CancellationError {}
        #expect(benchmarker.checks.count == 1 && benchmarker.metrics.count == 1)
    }
}

@Suite("The documentation of benchmarks")
struct BenchmarkDocumentationTests {
    @Test("Every suite and figure is documented with its target")
    func table() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Documentation/benchmarks.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") && $0.contains("`bench.") }
        for target in Target.benchmarks {
            let limit = target.limit == target.limit.rounded() ? "\(Int(target.limit))" : "\(target.limit)"
            let row = rows.first { $0.contains("| `\(target.id)` |") }
            #expect(
                row?.hasSuffix("| \(target.comparison.rawValue) \(limit) \(target.unit) |") == true,
                "\(target.id) is documented as: \(row ?? "nothing")")
        }
        #expect(rows.count == Target.benchmarks.count)
        for suite in BenchmarkSuite.allCases { #expect(text.contains("| `\(suite.rawValue)` | `bench.")) }
    }
}
