import Testing

@testable import LocalEngines

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whether a process of this id is there.
func isThere(_ processID: Int32) -> Bool {
    kill(processID, 0) == 0
}

/// Whether a file or folder is there.
func isThere(_ path: String) -> Bool {
    access(path, F_OK) == 0
}

/// Waits for something that happens in another process.
func eventually(
    within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("it did not happen within \(limit)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// What a program of the system prints.
func outputOf(_ program: String, _ arguments: [String], input: String = "") async throws -> String {
    try await Tool.run(program, arguments, input: input).output
}
