import Foundation
import Measurement
import Testing
import TrivetTesting

@Suite("trivet compare: what got worse, and whether that is sure", .timeLimit(.minutes(2)))
struct CompareTests {
    /// A baseline of runs around the medians, with some noise.
    private func baseline(_ name: String, medians: [Double], memory: Int = 1 << 34) -> Baseline {
        var generator = SplitMix64(seed: 7)
        let runs = medians.map { median in
            (0..<15).map { _ in median * Double.random(in: 0.98...1.02, using: &generator) }
        }
        var metric = Baseline.Metric(id: "bench.pool.acquire", unit: "ns", better: .lower, samples: runs[0])
        metric.runs = runs
        return Baseline(
            name: name, machine: .init(cores: 2, processor: "p", memory: memory, system: "s"),
            engines: ["sqlite": "3.40.1"], metrics: [metric])
    }

    /// A folder with a baseline `before` and others.
    private func withFolder(_ others: [Baseline], _ body: (String) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let folder = BaselineFolder(directory.path)
            for document in [baseline("before", medians: [100, 101, 99])] + others {
                try folder.save(document, replacing: false)
            }
            try await body(directory.path)
        }
    }

    @Test(
        "M4: the status is 0 when nothing got worse, 5 when two runs agree that something did, 7 when only one run says so",
        arguments: [
            ([100.0], Int32(0), "None of 1 metrics got worse"), ([70, 71], 0, "1 got better"),
            ([150], 7, "no second run says so"), ([150, 151], 5, "1 of 1 metrics got worse"),
            ([150, 90], 7, "nothing can be said"),
        ])
    func statuses(medians: [Double], status: Int32, text: String) async throws {
        try await withFolder([baseline("after", medians: medians)]) { folder in
            let result = try await TrivetTool.run(["compare", "before", "after", "--baselines", folder])
            #expect(result.status == status)
            #expect(result.output.contains(text) && result.output.contains("bench.pool.acquire"))
            #expect(result.errors.isEmpty)
        }
    }

    @Test("M4: a second run confirms a regression, or doesn't", arguments: [(150.0, Int32(5)), (100, 7)])
    func confirmation(second: Double, status: Int32) async throws {
        try await withFolder([baseline("first", medians: [150]), baseline("second", medians: [second])]) { folder in
            // As files, from wherever they are.
            let result = try await TrivetTool.run(
                ["compare", "\(folder)/before.json", "\(folder)/first.json", "--confirm", "\(folder)/second.json"])
            #expect(result.status == status)
        }
    }

    @Test("M4: figures of different machines are refused, and named when the comparison is forced")
    func machines() async throws {
        try await withFolder([baseline("after", medians: [100], memory: 1 << 30)]) { folder in
            let arguments = ["compare", "before", "after", "--baselines", folder]
            let refused = try await TrivetTool.run(arguments)
            #expect(refused.status == 2 && refused.output.isEmpty)
            #expect(refused.errors.contains("memory: 16.0 GiB and 1.0 GiB"))
            let forced = try await TrivetTool.run(arguments + ["--force"])
            #expect(forced.status == 0 && forced.output.contains("memory: 16.0 GiB and 1.0 GiB"))
        }
    }

    @Test("M4: the document has the verdict and all that it rests on")
    func document() async throws {
        try await withFolder([baseline("after", medians: [150])]) { folder in
            let result = try await TrivetTool.run(
                ["compare", "before", "after", "--baselines", folder, "--json", "-"])
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
            #expect(document["schema"] as? Int == 1 && document["verdict"] as? String == "inconclusive")
            #expect(document["unconfirmed"] as? [String] == ["bench.pool.acquire"])
            let comparison = try #require(document["comparison"] as? [String: Any])
            let metric = try #require((comparison["metrics"] as? [[String: Any]])?.first)
            let ratio = try #require(metric["ratio"] as? Double)
            #expect(abs(ratio - 1.5) < 0.05 && metric["verdict"] as? String == "regressed")
        }
    }

    @Test("A name that isn't there is status 2, with what may have been meant")
    func misspelt() async throws {
        try await withFolder([]) { folder in
            let result = try await TrivetTool.run(["compare", "befor", "before", "--baselines", folder])
            #expect(result.status == 2 && result.errors.contains("did you mean before?"))
        }
    }
}
