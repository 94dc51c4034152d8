import Testing

@testable import LocalEngines

@Suite struct KeptFolderTests {
    @Test func dataOutlivesTheScope() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let configuration = RedisServer.Configuration(folder: directory.path(of: "a long way/down/data"))
            try await RedisServer.withServer(configuration) { server in
                _ = try await server.control(["SET", "a", "1"])
            }
            try await RedisServer.withServer(configuration) { server in
                let value = try await server.control(["GET", "a"])
                #expect(value == .text("1"))
                #expect(server.folder == configuration.folder)
                #expect(!server.controlSocket.hasPrefix(server.folder))
            }
        }
    }

    @Test func acknowledgedDataOutlivesAKill() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let configuration = RedisServer.Configuration(folder: directory.path(of: "data"), appendOnly: .always)
            try await RedisServer.withServer(configuration) { server in
                for number in 1...20 {
                    _ = try await server.control(["RPUSH", "list", "\(number)"])
                    if number.isMultiple(of: 5) { try await server.restart() }
                }
                let length = try await server.control(["LLEN", "list"])
                #expect(length == .text("20"))
            }
        }
    }

    @Test func aSecondServerIsKeptOutAsLongAsTheFirstOneLives() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let folder = directory.path(of: "data")
            try await RedisServer.withServer(.init(folder: folder)) { server in
                // Our own hold was given up after the start: this one is the server's.
                #expect(try FolderLock.take(folder) == nil)
                let error = await #expect(throws: LocalEngineError.self) {
                    try await RedisServer.withServer(.init(folder: folder)) { _ in }
                }
                #expect(error?.code == .folderInUse)
                await server.kill()
                try await eventually {
                    guard let lock = try FolderLock.take(folder) else { return false }
                    lock.release()
                    return true
                }
            }
        }
    }
}
