import Foundation
import LoadTesting
import LocalEngines
import RedisClient
import Testing

@Suite("T8: trivet verify and trivet recover") struct VerifyTests {
    /// A data folder with what a short run left.
    private func withData<T>(_ body: (String) async throws -> T) async throws -> T {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            let run = try await TrivetTool.run([
                "run", "cross-database", "--duration", "1", "--quiet", "--data", data,
            ])
            // On a busy machine it may be slow, or have too few samples: here only what it left matters.
            try #require([0, 1, 7].contains(run.status), "\(run.output)\(run.errors)")
            return try await body(data)
        }
    }

    @Test("T8: what a run left agrees; recover finds nothing to do") func agreement() async throws {
        try await withData { data in
            let verified = try await TrivetTool.run(["verify", "--data", data])
            #expect(verified.status == 0)
            #expect(verified.output.contains("✓ wallets"))
            #expect(verified.output.contains("The stores agree."))
            let recovered = try await TrivetTool.run(["recover", "--data", data, "--json", "-"])
            #expect(recovered.status == 0)
            let document = try JSONDecoder().decode(Recovered.self, from: Data(recovered.output.utf8))
            #expect(document.recovery.lastNumber > 0 && document.recovery.isCacheReachable)
        }
    }

    private struct Recovered: Decodable {
        struct Recovery: Decodable {
            var lastNumber: Int
            var isCacheReachable: Bool
        }
        var recovery: Recovery
    }

    @Test("S3, T8: cache-sync keeps its stores and goes on with them; what it leaves agrees") func cacheSync()
        async throws
    {
        try await TemporaryDirectory.withDirectory { folder in
            let data = folder.path(of: "data")
            for _ in 0..<2 {
                let run = try await TrivetTool.run([
                    "run", "cache-sync", "--duration", "1", "--data", data, "--json", "-",
                ])
                try #require([0, 1, 7].contains(run.status), "\(run.output)\(run.errors)")
                #expect(run.errors.contains("warm-up, 150 operations/s"))
                let result = try JSONDecoder().decode(RunResult.self, from: Data(run.output.utf8))
                #expect(result.checks.first { $0.id == "cross.consistency" }?.value == 100)
                let lag = try #require(result.checks.first { $0.id == "cache.lag" })
                #expect(lag.samples > 0 && lag.endless == nil)
                #expect(result.scenarios.first?.streams?.count == 1)
            }
            let verified = try await TrivetTool.run(["verify", "--data", data])
            #expect(verified.status == 0)
            #expect(verified.output.contains("✓ products") && verified.output.contains("The stores agree."))
        }
    }

    @Test("T8: differences are named, and the status is 4; mappings that don't fit are named, and it is 2")
    func mappings() async throws {
        try await withData { data in
            func verify(_ mappings: String) async throws -> TrivetTool.Result {
                let file = data + "/mappings.json"
                try Data(mappings.utf8).write(to: URL(fileURLWithPath: file))
                return try await TrivetTool.run(["verify", "--data", data, "--mappings", file, "--list", "3"])
            }
            let wrongValue = try await verify(
                #"{"mappings": [{"table": "wallets", "cache": {"key": "wallet:{id}", "value": {"string": "id"}}}]}"#)
            #expect(wrongValue.status == 4)
            #expect(wrongValue.output.contains("wallets: redis wallet:1 is"))
            #expect(wrongValue.output.contains("more; --list shows more"))
            let wrongLabel = try await verify(#"{"mappings": [{"table": "wallets", "node": {"label": "Walet"}}]}"#)
            #expect(wrongLabel.status == 2)
            #expect(wrongLabel.errors.contains("Did you mean \"Wallet\"?"))
            let wrongSetting = try await verify(#"{"mappings": [{"tabel": "wallets"}]}"#)
            #expect(wrongSetting.status == 2)
            #expect(wrongSetting.errors.contains("mappings[0]") && wrongSetting.errors.contains("table"))
        }
    }

    @Test("T8: what is not there, not Trivet's, or can't be reached", arguments: ["verify", "recover"])
    func refusals(command: String) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let file = folder.path(of: "app.sqlite")
            let missing = try await TrivetTool.run([command, "--sqlite", file])
            #expect(missing.status == 2 && missing.errors.contains(file))
            #expect(!FileManager.default.fileExists(atPath: file))
            // An empty file is an empty database.
            try Data().write(to: URL(fileURLWithPath: file))
            let foreign = try await TrivetTool.run([command, "--sqlite", file])
            #expect(foreign.status == 2 && foreign.errors.contains("--adopt"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)).isEmpty)
            let unreachable = try await TrivetTool.run([
                command, "--sqlite", file, "--adopt", "--redis", "unix:\(folder.path(of: "none.sock"))",
            ])
            #expect(unreachable.status == 3)
            #expect(try await TrivetTool.run(["recover", "--sqlite", file, "--adopt"]).status == 0)
            try await RedisServer.withServer { server in
                // Now the database is Trivet's; a Redis with somebody else's keys is not.
                let client = "unix:\(server.controlSocket)"
                try await RedisConnection.withConnection(to: server.endpoint) { redis in
                    try await redis.set("somebody's", "key")
                    let others = try await TrivetTool.run([command, "--sqlite", file, "--redis", client])
                    #expect(others.status == 2 && others.errors.contains("--adopt"))
                    #expect(try await redis.dbsize() == 1)
                }
            }
            #expect(try await TrivetTool.run([command]).status == 2)
            #expect(try await TrivetTool.run([command, "--sqlite", file, "--redis", "nowhere"]).status == 2)
        }
    }
}
