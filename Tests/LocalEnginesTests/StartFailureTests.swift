import Testing

@testable import LocalEngines

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a user reads when a server does not start. Stand-ins for redis-server are small scripts.
@Suite struct StartFailureTests {
    @Test func noSuchProgram() async throws {
        let error = try await failure(of: .init(executable: "/nowhere/redis-server"))
        #expect(error.code == .missing)
        #expect(error.remedy?.contains("scripts/bootstrap") == true)
    }

    @Test(arguments: ["/", "/etc/passwd"]) func notAProgram(path: String) async throws {
        let error = try await failure(of: .init(executable: path))
        #expect(error.code == .notExecutable)
        #expect(error.message.contains(path))
    }

    @Test func notARedisServer() async throws {
        let error = try await failure(of: .init(executable: "/bin/echo"))
        #expect(error.code == .notExecutable)
    }

    @Test func aSettingThatRedisRefuses() async throws {
        let error = try await failure(of: .init(settings: ["maxmemory": "plenty"]))
        #expect(error.code == .configuration)
        #expect(error.log.contains { $0.contains("maxmemory") })
        #expect("\(error)".contains("Correct the settings"))
    }

    @Test func anArgumentThatRedisRefuses() async throws {
        let error = try await failure(of: .init(arguments: ["--no-such-option", "1"]))
        #expect(error.code == .configuration)
    }

    @Test func aPortThatAnotherProcessUses() async throws {
        try await RedisServer.withServer(.init(transport: .tcp)) { server in
            guard case .tcp(_, let port) = server.endpoint else { return }
            let error = try await failure(of: .init(transport: .tcp, arguments: ["--port", "\(port)"]))
            #expect(error.code == .portInUse)
        }
    }

    @Test func aProgramThatEndsAtOnce() async throws {
        let error = try await failure(running: "echo it went wrong; exit 3")
        #expect(error.code == .endedAtStart)
        #expect(error.message.contains("exited with status 3"))
        #expect(error.log == ["it went wrong"])
    }

    @Test func aProgramThatASignalEnds() async throws {
        let error = try await failure(running: "echo last words >&2; kill -9 $$")
        #expect(error.message.contains("was ended by signal 9"))
        #expect(error.log == ["last words"])
    }

    @Test func aProgramThatNeverAnswers() async throws {
        let error = try await failure(running: "exec sleep 1000", startTimeout: .milliseconds(100))
        #expect(error.code == .notReady)
    }

    @Test func cancellingTheStartEndsTheProcess() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let started = directory.path(of: "started")
            let configuration = try await standIn("echo $$ >\(started); exec sleep 1000", in: directory)
            let task = Task { try await RedisServer.withServer(configuration) { _ in } }
            try await eventually { size(of: started) > 1 }
            let processID = try #require(lastLines(of: started).first.flatMap(Int32.init))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!isThere(processID))
        }
    }

    @Test func cancellingTheBodyEndsTheServer() async throws {
        let (running, isRunning) = AsyncStream<Int32>.makeStream()
        let task = Task {
            try await RedisServer.withServer { server in
                isRunning.yield(server.processID ?? 0)
                try await Task.sleep(for: .seconds(1000))
            }
        }
        let processID = try #require(await running.first { _ in true })
        #expect(isThere(processID))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!isThere(processID))
    }

    private func failure(
        running script: String, startTimeout: Duration = .seconds(30),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> LocalEngineError {
        try await TemporaryDirectory.withDirectory { directory in
            var configuration = try await standIn(script, in: directory)
            configuration.startTimeout = startTimeout
            return try await failure(of: configuration, sourceLocation: sourceLocation)
        }
    }

    private func standIn(_ script: String, in directory: TemporaryDirectory) async throws -> RedisServer.Configuration {
        let path = directory.path(of: "redis-server")
        let text = "#!/bin/sh\n[ \"$1\" = --version ] && { echo stand-in v=1.2.3; exit; }\n\(script)\n"
        // Written by another process: a child that some other test forks at this moment would hold our file open for
        // writing, and what is open for writing cannot be executed.
        let made = try await Tool.run("sh", ["-c", "cat >\"$0\" && chmod 700 \"$0\"", path], input: text)
        #expect(made.succeeded)
        return RedisServer.Configuration(executable: path)
    }

    private func failure(
        of configuration: RedisServer.Configuration, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> LocalEngineError {
        let error = await #expect(throws: LocalEngineError.self, sourceLocation: sourceLocation) {
            try await RedisServer.withServer(configuration) { _ in }
        }
        return try #require(error, sourceLocation: sourceLocation)
    }
}
