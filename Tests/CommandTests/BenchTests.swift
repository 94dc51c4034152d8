import Foundation
import GraphClient
import LoadTesting
import Measurement
import Testing
import TrivetTesting

@Suite("trivet bench: ratios against what is measured beside", .timeLimit(.minutes(5)))
struct BenchTests {
    @Test("M4: each figure has its target, how sure it is, and what limits it; the status follows from them")
    func pools() async throws {
        let result = try await TrivetTool.run(["bench", "pools", "--repetitions", "10", "--json", "-"])
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let checks = try #require(document["checks"] as? [[String: Any]])
        #expect(
            checks.compactMap { $0["id"] as? String } == [
                "bench.pool.acquire", "bench.pool.shared", "bench.pool.redis",
            ])
        for check in checks {
            let value = try #require(check["value"] as? Double)
            let interval = try #require(check["interval"] as? [String: Double])
            #expect(value > 0 && interval["low"] ?? .nan <= value && value <= interval["high"] ?? .nan)
            #expect(check["samples"] as? Int == 10)
            #expect((check["limitedBy"] as? String)?.isEmpty == false)
        }
        let isMet = checks.allSatisfy { $0["pass"] as? Bool == true }
        #expect(result.status == (isMet ? 0 : 1))
        #expect(document["passed"] as? Bool == isMet)
    }

    @Test("Interrupted, it shows what it has, and leaves nothing behind")
    func interrupted() async throws {
        let result = try await TrivetTool.run(
            ["bench", "all", "--json", "-"], signalAfter: ("bench.pool.shared", .interrupt))
        #expect(result.status == 130)
        #expect(result.output.contains("bench.pool.acquire"))
    }

    @Test("M4: a run is kept with every repetition, and a second one under the same name is added to it")
    func baseline() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "kept")
            let arguments = [
                "bench", "pools", "--repetitions", "10", "--quiet", "--baselines", path, "--save-baseline", "main",
            ]
            for runs in 1...2 {
                let result = try await TrivetTool.run(arguments + ["--commit", "abc"])
                #expect([0, 1].contains(result.status))
                #expect(result.errors.contains("Baseline main in \(path): \(runs) run"))
            }
            let baseline = try BaselineFolder(path).load("main")
            let graph = try GraphEngine.Kind.preferred().rawValue
            #expect(baseline.commit == "abc" && Set(baseline.engines.keys) == ["sqlite", graph, "redis"])
            #expect(baseline.metrics.map(\.id) == ["bench.pool.acquire", "bench.pool.shared", "bench.pool.redis"])
            #expect(baseline.metrics.map(\.better) == [.lower, .higher, .higher])
            for metric in baseline.metrics { #expect(metric.runs.map(\.count) == [10, 10]) }

            // Of another commit: refused before anything is measured.
            let other = try await TrivetTool.run(arguments + ["--commit", "def"])
            #expect(other.status == 2 && other.output.isEmpty && other.errors.contains("commit: abc and def"))
            #expect(try BaselineFolder(path).load("main") == baseline)
        }
    }

    @Test("Both engines are compared with figures of their own, which name them; interrupted, it shows what it has")
    func bothEngines() async throws {
        let result = try await TrivetTool.run(
            ["bench", "--graph-engine", "both", "--repetitions", "10", "--json", "-"],
            signalAfter: ("statements.relate", .interrupt))
        #expect(result.status == 130, "\(result.errors)")
        let document = try JSONDecoder().decode(RunResult.self, from: Data(result.output.utf8))
        #expect(document.engines.named.keys.sorted() == ["kuzu", "ladybug", "redis", "sqlite"])
        let figures = try #require(document.engineFigures)
        #expect(figures.first?.id == "statements.read" && figures.allSatisfy { $0.samples == 10 })
        #expect(document.command == "trivet bench --repetitions 10 --graph-engine both")
    }

    @Test("The process whose memory is measured tells it line by line")
    func memoryProcess() async throws {
        let result = try await TrivetTool.run(["memory-process", "--graph-engine", "ladybug"])
        #expect(result.status == 0)
        let words = result.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(words.map { $0[0] } == ["opened", "connected", "written", "checkpointed"])
        #expect(words.allSatisfy { Int($0[1]) != nil })
    }
}
