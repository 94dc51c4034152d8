import Testing
import Threads

@testable import LocalEngines

@Suite struct RedisServerTests {
    @Test func answersOnItsUnixSocketAndLeavesNothing() async throws {
        var folder = ""
        var processID: Int32 = 0
        try await RedisServer.withServer { server in
            let reply = try await server.control(["PING"])
            #expect(reply == .text("PONG"))
            #expect(server.endpoint == .unixSocket(path: server.controlSocket))
            #expect(server.controlSocket.utf8.count < 100)
            #expect(server.version.split(separator: ".").count == 3)
            folder = server.folder
            processID = try #require(server.processID)
            #expect(isThere(processID))
            #expect(await server.logLines().contains { $0.contains("eady to accept connections") })
        }
        #expect(!isThere(folder))
        #expect(!isThere(processID))
    }

    @Test func listensOnAFreePort() async throws {
        try await RedisServer.withServer(.init(transport: .tcp)) { server in
            guard case .tcp("127.0.0.1", let port) = server.endpoint else {
                Issue.record("\(server.endpoint)")
                return
            }
            let reply = try await server.control(["CONFIG", "GET", "port"])
            #expect(reply == .list([.text("port"), .text("\(port)")]))
        }
    }

    @Test func takesPasswordUsersSettingsAndArguments() async throws {
        let configuration = RedisServer.Configuration(
            password: "a \"quoted\" \\ pass wörd", users: [.init(name: "reader", password: "r", rules: "~* +@read")],
            settings: ["maxmemory": "10mb"], arguments: ["--notify-keyspace-events", "KEA"])
        try await RedisServer.withServer(configuration) { server in
            let memory = try await server.control(["CONFIG", "GET", "maxmemory"])
            #expect(memory == .list([.text("maxmemory"), .text("10485760")]))
            let users = try await server.control(["ACL", "USERS"])
            #expect(users == .list([.text("default"), .text("reader")]))
            let events = try await server.control(["CONFIG", "GET", "notify-keyspace-events"])
            #expect(events == .list([.text("notify-keyspace-events"), .text("AKE")]))
            let path = server.controlSocket
            let withoutPassword = try await onThread {
                var connection = try ControlConnection(path: path)
                return try connection.send(["PING"])
            }
            #expect(withoutPassword == .error("NOAUTH Authentication required."))
        }
    }

    /// The body keeps its caller's isolation: it may touch what only the main actor may, and return what is not Sendable.
    @Test @MainActor func theBodyRunsWhereItsCallerRuns() async throws {
        final class Box { var count = 0 }
        let box = Box()
        let same = try await RedisServer.withServer { server in
            MainActor.assertIsolated()
            box.count += server.isRunning ? 1 : 0
            return box
        }
        #expect(same === box)
        #expect(box.count == 1)
    }

    @Test func manyAtOnce() async throws {
        let processes = try await withThrowingTaskGroup(of: Int32?.self) { group in
            for number in 0..<30 {
                group.addTask {
                    try await RedisServer.withServer(.init(transport: number.isMultiple(of: 2) ? .tcp : .unixSocket)) {
                        let reply = try await $0.control(["SET", "number", "\(number)"])
                        #expect(reply == .text("OK"))
                        return $0.processID
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(processes).count == 30)
        for process in processes { #expect(!isThere(try #require(process))) }
    }
}
