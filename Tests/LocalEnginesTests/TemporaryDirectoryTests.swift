import Testing

@testable import LocalEngines

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct TemporaryDirectoryTests {
    @Test func isThereForItsScopeOnly() async throws {
        let path = try await TemporaryDirectory.withDirectory { directory in
            #expect(isThere(directory.path))
            #expect(names(in: directory.path).isEmpty)
            #expect(directory.path.utf8.count < 90)
            try makeFolders(directory.path(of: "a/b/c"))
            try write("text", to: directory.path(of: "a/b/file"))
            #expect(symlink("/etc", directory.path(of: "a/link")) == 0)
            return directory.path
        }
        #expect(!isThere(path))
        #expect(isThere("/etc/passwd"))
    }

    @Test func isRemovedAfterAnErrorAndInACancelledTask() async throws {
        struct Own: Error {}
        var path = ""
        await #expect(throws: Own.self) {
            try await TemporaryDirectory.withDirectory { directory in
                path = directory.path
                throw Own()
            }
        }
        #expect(!isThere(path))
        let task = Task {
            try await TemporaryDirectory.withDirectory { directory in
                withUnsafeCurrentTask { $0?.cancel() }
                return directory.path
            }
        }
        #expect(!isThere(try await task.value))
    }

    @Test func eachIsAnother() async throws {
        try await TemporaryDirectory.withDirectory { first in
            try await TemporaryDirectory.withDirectory { second in
                #expect(first != second)
            }
        }
    }

    @Test func theEndOfAFileIsReadByLines() async throws {
        try await TemporaryDirectory.withDirectory { directory in
            let file = directory.path(of: "log")
            try write((1...5000).map { "line \($0)\n" }.joined(), to: file)
            #expect(lastLines(of: file, limit: 2) == ["line 4999", "line 5000"])
            #expect(lastLines(of: file, from: size(of: file) - 10) == ["line 5000"])
            #expect(lastLines(of: directory.path(of: "none")).isEmpty)
        }
    }
}
