import Foundation
import LocalEngines
import Testing

@Suite("S9: trivet crash") struct CrashCommandTests {
    @Test("S9: the document has the checks, the kills and the units") func document() async throws {
        let run = try await TrivetTool.run(["crash", "--rounds", "6", "--seed", "5", "--json", "-", "--quiet"])
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.errors.isEmpty)
        let document = try JSONDecoder().decode(Document.self, from: Data(run.output.utf8))
        #expect(document.passed && document.profile == "crash" && document.seed == 5)
        #expect(document.checks.map(\.id) == ["crash.violations", "recovery"])
        #expect(document.checks.allSatisfy { $0.pass && $0.samples == 6 })
        #expect(document.crash.figures.rounds == 6)
        #expect(!document.crash.figures.kills.isEmpty)
        // From each kill to the recovery, in the run's own time.
        let kills = document.faults.filter { $0.kind == "process killed" }
        #expect(kills.count == document.crash.figures.kills.values.reduce(0, +))
        #expect(document.faults.allSatisfy { $0.start >= 0 && ($0.end ?? -1) >= $0.start })
    }

    private struct Document: Decodable {
        struct Check: Decodable {
            var id: String
            var pass: Bool
            var samples: Int
        }
        struct Crash: Decodable {
            struct Figures: Decodable {
                var rounds: Int
                var kills: [String: Int]
            }
            var figures: Figures
        }
        struct Fault: Decodable {
            var kind: String
            var start: Double
            var end: Double?
        }
        var faults: [Fault]
        var profile: String
        var seed: Int
        var passed: Bool
        var checks: [Check]
        var crash: Crash
    }

    @Test("S9: the table names every failpoint; --data keeps the stores, for trivet recover") func table() async throws
    {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            let run = try await TrivetTool.run(["crash", "--rounds", "2", "--data", data])
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            #expect(run.output.contains("decision.after") && run.output.contains("units:"))
            let recovered = try await TrivetTool.run(["recover", "--data", data + "/seed-42-round-0"])
            #expect(recovered.status == 0, "\(recovered.output)\(recovered.errors)")
            // Nobody's stores are written over.
            let again = try await TrivetTool.run(["crash", "--rounds", "2", "--data", data])
            #expect(again.status == 2 && again.errors.contains("--data"))
        }
    }

    @Test("S9: Ctrl-C reports what was done") func interrupted() async throws {
        let run = try await TrivetTool.run(["crash", "--rounds", "100000"], signalAfter: ("crash  1/", .interrupt))
        #expect(run.status == 130)
        #expect(run.output.contains("Interrupted") && run.output.contains("rounds"))
    }

    @Test("S9: nothing outlives a killed campaign") func killed() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            let run = try await TrivetTool.run(
                ["crash", "--rounds", "100000", "--data", data], signalAfter: ("crash  1/", .kill))
            #expect(run.status == 128 + 9)
            let limit = ContinuousClock.now + .seconds(20)
            while !processes(naming: data).isEmpty, ContinuousClock.now < limit {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(processes(naming: data) == [])
        }
    }

    /// Command lines of running processes; on Linux, where they can be read.
    private func processes(naming path: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.filter { Int($0) != nil }.compactMap { number in
            let line = (try? String(contentsOfFile: "/proc/\(number)/cmdline", encoding: .utf8)) ?? ""
            return line.contains(path) ? line.replacingOccurrences(of: "\0", with: " ") : nil
        }
    }

    @Test("S9: what can't be meant is refused") func usage() async throws {
        #expect(try await TrivetTool.run(["crash", "--rounds", "0"]).status == 2)
        #expect(try await TrivetTool.run(["crash", "--from", "-1"]).status == 2)
        let help = try await TrivetTool.run(["crash", "--help"])
        #expect(help.status == 0 && help.output.contains("I1") && help.output.contains("--rounds"))
        let general = try await TrivetTool.run(["--help"])
        #expect(general.output.contains("crash") && !general.output.contains("crash-process"))
    }
}
