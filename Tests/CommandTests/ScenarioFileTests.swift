import Foundation
import LoadTesting
import LocalEngines
import RedisClient
import Testing
import TrivetTesting

@Suite("§5, §6: trivet run with a scenario's file", .timeLimit(.minutes(5)))
struct ScenarioFileTests {
    private func withFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("trivet-scenario-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("mine.yaml")
        try Data(text.utf8).write(to: file)
        try await body(file.path)
    }

    private let counter = """
        scenario: counter
        operations: [{name: visit, redis: INCR visits}]
        load: {users: 2, stages: [{hold: 1s}], quick: [{hold: 200ms}]}
        targets: [p50 < 10s, failures = 0]
        """

    @Test("A file of a user's own is run, judged, and named in the document")
    func run() async throws {
        try await withFile(counter) { path in
            let result = try await TrivetTool.run(["run", path, "--quick", "--json", "-"])
            #expect(result.status == 0, "\(result.errors)")
            let document = try JSONDecoder().decode(RunResult.self, from: Data(result.output.utf8))
            #expect(document.scenarios.map(\.id) == ["counter"])
            #expect(document.checks.map(\.id) == ["counter: failures = 0", "counter: p50 < 10s"])
            #expect(document.command == "trivet run \(path) --seed 42 --quick")
        }
    }

    @Test("A file with mistakes is status 2, with all of them and their places, before anything is started")
    func mistakes() async throws {
        try await withFile(counter.replacing("visit,", with: "visit, weigth: 2,").replacing("p50 <", with: "p5o <")) {
            path in
            // No engine is looked for.
            let document = path + ".json"
            let result = try await TrivetTool.run(
                ["run", path, "--json", document], environment: ["TRIVET_REDIS_SERVER": "/nowhere/at/all"])
            #expect(result.status == 2)
            // A document that says nothing would be taken for one.
            #expect(!FileManager.default.fileExists(atPath: document))
            #expect(result.errors.contains("\(path):2:28: an operation has no \"weigth\"; did you mean \"weight\"?"))
            #expect(result.errors.contains("\(path):4:11: there is no metric \"p5o\"; did you mean \"p50\"?"))
            #expect(result.output.isEmpty)
        }
    }

    @Test("§5: a file that can't be read says why, and a name that is none says which was meant")
    func unreadable() async throws {
        try await withFile("\u{FFFD}") { path in
            let folder = (path as NSString).deletingLastPathComponent
            let missing = try await TrivetTool.run(["run", folder + "/mien.yaml"])
            #expect(missing.status == 2)
            #expect(missing.errors.contains("\(folder)/mien.yaml:1:1: can't be read: No such file or directory"))
            let directory = folder + "/folder.yaml"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            #expect(try await TrivetTool.run(["run", directory]).errors.contains("can't be read: Is a directory"))
            try Data([0xFF, 0xFE, 0]).write(to: URL(fileURLWithPath: path))
            #expect(try await TrivetTool.run(["run", path]).errors.contains("can't be read: it is no text in UTF-8"))
        }
        let near = try await TrivetTool.run(["run", "recovry"])
        #expect(near.status == 2 && near.errors.contains("Did you mean recovery?"), "\(near.errors)")
        let far = try await TrivetTool.run(["run", "shop"])
        #expect(far.errors.contains("There are: quick, full") && far.errors.contains(".yaml"), "\(far.errors)")
    }

    @Test("§5: stores of one's own are named, read, and written only with --adopt; a password is never shown")
    func existing() async throws {
        try await RedisServer.withServer { server in
            guard case .tcp(let host, let port) = server.endpoint else { return }
            let address = "redis://:secret@\(host):\(port)/3"
            try await RedisConnection.withConnection(to: server.endpoint) { redis in
                _ = try await redis.send(RedisCommand("CONFIG", "SET", "requirepass", "secret"))
                try await withFile(counter) { path in
                    let refused = try await TrivetTool.run(["run", path, "--quick", "--redis", address])
                    #expect(refused.status == 2 && refused.output.isEmpty)
                    #expect(refused.errors.contains("redis://\(host):\(port)/3 (INCR of the operation \"visit\")"))
                    #expect(refused.errors.contains("--adopt") && !refused.errors.contains("secret"))
                    #expect(try await redis.send(RedisCommand("SELECT", "3")).decode(as: String.self) == "OK")
                    #expect(try await redis.dbsize() == 0)
                    let adopted = try await TrivetTool.run([
                        "run", path, "--quick", "--redis", address, "--adopt", "--json", "-",
                    ])
                    #expect(adopted.status == 0, "\(adopted.output)\(adopted.errors)")
                    #expect(!adopted.output.contains("secret"))
                    let document = try JSONDecoder().decode(RunResult.self, from: Data(adopted.output.utf8))
                    #expect(document.command.hasSuffix("--redis redis://\(host):\(port)/3 --adopt"))
                    #expect(document.engines.sqlite == "none" && document.engines.kuzu == "none")
                    #expect(try await redis.dbsize() == 1)
                }
                try await withFile(counter.replacing("INCR visits", with: "GET visits")) { path in
                    let read = try await TrivetTool.run(["run", path, "--quick", "--redis", address])
                    #expect(read.status == 0, "\(read.output)\(read.errors)")
                }
            }
        }
        for arguments in [
            ["quick", "--sqlite", "a.sqlite"], ["quick", "--adopt"], ["a.yaml", "--data", "d", "--graph", "g"],
            ["a.yaml", "--redis", "nowhere"],
        ] {
            #expect(try await TrivetTool.run(["run"] + arguments).status == 2)
        }
    }

    @Test(
        "§6: a folder with a database that Trivet has not made is not touched",
        arguments: ["run", "history", "recover"])
    func foreignFolder(command: String) async throws {
        try await withFile(counter) { path in
            let folder = (path as NSString).deletingLastPathComponent + "/data"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let database = folder + "/records.sqlite"
            try Data().write(to: URL(fileURLWithPath: database))
            let arguments: [String] =
                switch command {
                case "run": [path, "--quick"]
                case "history": [(path as NSString).deletingLastPathComponent + "/history.edn"]
                default: []
                }
            let result = try await TrivetTool.run([command] + arguments + ["--data", folder])
            #expect(result.status == 2, "\(result.output)\(result.errors)")
            #expect(result.errors.contains("records.sqlite") && result.errors.contains("--adopt"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["records.sqlite"])
            #expect(FileManager.default.contents(atPath: database)?.isEmpty == true)
        }
    }

    @Test("A check that does not hold is status 4")
    func inconsistent() async throws {
        try await withFile(counter + "\nchecks: [{name: none came, redis: GET visits, equals: 0}]") { path in
            let result = try await TrivetTool.run(["run", path, "--quick"])
            #expect(result.status == 4)
            #expect(result.output.contains("none came: it is"))
        }
    }
}
