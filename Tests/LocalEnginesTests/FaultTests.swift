import Testing

@testable import LocalEngines

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct FaultTests {
    @Test func afterAKillItComesBackEmptyOnTheSameEndpoint() async throws {
        try await RedisServer.withServer(.init(transport: .tcp)) { server in
            let first = server.processID
            _ = try await server.control(["SET", "a", "1"])
            await server.kill()
            #expect(!server.isRunning)
            #expect(server.processID == nil)
            #expect(!server.send(.suspend))
            #expect(try await server.waitForExit() == .signal(.kill))
            try await server.start()
            #expect(server.processID != first)
            let port = try await server.control(["CONFIG", "GET", "port"])
            guard case .tcp(_, let number) = server.endpoint else { return }
            #expect(port == .list([.text("port"), .text("\(number)")]))
            let value = try await server.control(["GET", "a"])
            #expect(value == .nothing)
        }
    }

    @Test func withAnAppendOnlyFileARestartKeepsTheDataUnlessEmptied() async throws {
        try await RedisServer.withServer(.init(appendOnly: .always)) { server in
            _ = try await server.control(["SET", "a", "1"])
            try await server.restart()
            let kept = try await server.control(["GET", "a"])
            #expect(kept == .text("1"))
            try await server.restart(empty: true)
            let emptied = try await server.control(["GET", "a"])
            #expect(emptied == .nothing)
        }
    }

    @Test func aFrozenServerAnswersNothingUntilThawed() async throws {
        try await RedisServer.withServer { server in
            server.suspend()
            #expect(server.isRunning)
            await #expect(throws: (any Error).self) { try await server.control(["PING"], seconds: 1) }
            server.resume()
            let reply = try await server.control(["PING"], seconds: 10)
            #expect(reply == .text("PONG"))
        }
    }

    @Test(arguments: [false, true]) func aFrozenServerEndsWithItsScope(isKept: Bool) async throws {
        try await TemporaryDirectory.withDirectory { directory in
            var processID: Int32 = 0
            try await RedisServer.withServer(.init(folder: isKept ? directory.path(of: "data") : nil)) { server in
                processID = try #require(server.processID)
                server.suspend()
            }
            #expect(!isThere(processID))
        }
    }

    @Test func aServerThatEndsByItselfIsAnErrorThatSaysSo() async throws {
        let error = await #expect(throws: LocalEngineError.self) {
            try await RedisServer.withServer { server in
                try endFromOutside(server)
                #expect(try await server.waitForExit() == .signal(.kill))
            }
        }
        #expect(error?.code == .endedUnexpectedly)
        #expect(error?.underlying == nil)
        #expect(error?.message.contains("was ended by signal 9") == true)
        #expect(error?.log.isEmpty == false)
    }

    @Test func theErrorThatTheTestMetIsKeptBehindIt() async throws {
        struct Lost: Error {}
        let error = await #expect(throws: LocalEngineError.self) {
            try await RedisServer.withServer { server in
                try endFromOutside(server)
                _ = try await server.waitForExit()
                throw Lost()
            }
        }
        #expect(error?.code == .endedUnexpectedly)
        #expect(error?.underlying is Lost)
    }

    @Test func theBodysOwnErrorPasses() async throws {
        struct Own: Error {}
        await #expect(throws: Own.self) { try await RedisServer.withServer { _ in throw Own() } }
    }

    @Test func aStartWhileItRunsOrAfterItsScopeIsRefused() async throws {
        let server = try await RedisServer.withServer { server in
            let error = await #expect(throws: LocalEngineError.self) { try await server.start() }
            #expect(error?.code == .wrongState)
            return server
        }
        let error = await #expect(throws: LocalEngineError.self) { try await server.start() }
        #expect(error?.code == .wrongState)
    }

    private func endFromOutside(_ server: RedisServer) throws {
        #expect(kill(try #require(server.processID), ProcessSignal.kill.rawValue) == 0)
    }
}
