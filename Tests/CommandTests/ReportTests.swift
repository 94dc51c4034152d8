import Foundation
import LoadTesting
import Testing
import TrivetTesting

@Suite("--report: what a run leaves behind for people and programs", .timeLimit(.minutes(5)))
struct ReportTests {
    private static let names = ["junit.xml", "report.html", "report.json", "summary.md"]

    @Test("§6: a run interrupted half-way has all four, and a folder that isn't there is made", .temporaryDirectory)
    func interrupted() async throws {
        let folder = try TemporaryDirectory.current.path(of: "reports/of/today")
        let result = try await TrivetTool.run(
            ["run", "user-journey", "--duration", "600", "--scale", "0.1", "--report", folder],
            signalAfter: ("steady", .interrupt))
        #expect(result.status == 130)
        #expect(result.errors.contains("report: \(folder)/report.html"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == Self.names)
        let file = { (name: String) in try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)) }
        let document = try JSONDecoder().decode(RunResult.self, from: file("report.json"))
        #expect(document.interrupted && document.profile == "user-journey")
        for name in ["report.html", "summary.md"] {
            let text = String(decoding: try file(name), as: UTF8.self)
            #expect(text.contains("Interrupted: the figures are those until then"))
        }
        #expect(String(decoding: try file("junit.xml"), as: UTF8.self).contains("type=\"interrupted\""))
    }

    @Test("§6: an error is reported too, and an earlier document is not taken for its own", .temporaryDirectory)
    func error() async throws {
        let folder = try TemporaryDirectory.current.path(of: "report")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/report.json"))
        let result = try await TrivetTool.run(
            ["run", "--report", folder, "--graph-engine", "kuzu"],
            environment: ["TRIVET_KUZU_LIBRARY": "/nowhere/at/all"])
        #expect(result.status == 3)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(left == ["junit.xml", "report.html", "summary.md"])
        for name in left {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            #expect(text.contains("/nowhere/at/all"))
        }
    }

    @Test("§6: bench has the same four", .temporaryDirectory)
    func bench() async throws {
        let folder = try TemporaryDirectory.current.path(of: "bench")
        let result = try await TrivetTool.run(["bench", "pools", "--repetitions", "10", "--quiet", "--report", folder])
        #expect([0, 1].contains(result.status))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == Self.names)
    }

    @Test("§6: a folder that can't be written is status 2 before anything is measured", .temporaryDirectory)
    func unwritable() async throws {
        let directory = try TemporaryDirectory.current
        let file = directory.path(of: "file")
        try Data().write(to: URL(fileURLWithPath: file))
        let taken = directory.path(of: "taken")
        try FileManager.default.createDirectory(
            atPath: taken + "/report.html", withIntermediateDirectories: true)
        for (folder, place) in [(file, file), (file + "/below", file + "/below"), (taken, taken + "/report.html")] {
            for command in [["run"], ["bench", "pools"], ["crash"]] {
                let result = try await TrivetTool.run(command + ["--report", folder])
                #expect(result.status == 2 && result.output.isEmpty)
                #expect(result.errors.contains("Can't write \(place): "))
                #expect(!result.errors.contains("preparing"))
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["file", "taken"])
    }
}
