import Synchronization
import Testing

/// What the traits have in common.
enum FixtureScope {
    /// Runs a test or suite and adds the end of an engine's log to the first issue that is recorded meanwhile, so that
    /// it stands beside the failure that it explains.
    static func withLog(
        of engine: String, in test: Test, _ testCase: Test.Case?, lines: @escaping @Sendable () -> [String],
        _ body: @Sendable () async throws -> Void
    ) async throws {
        #if compiler(>=6.2)
            let shown = Shown()
            let handler = IssueHandlingTrait.compactMapIssues { issue in
                guard shown.first() else { return issue }
                var issue = issue
                let log = lines()
                if !log.isEmpty {
                    issue.comments.append("\(engine) logged last:\n\(log.joined(separator: "\n"))")
                }
                return issue
            }
            try await handler.provideScope(for: test, testCase: testCase, performing: body)
        #else
            try await body()
        #endif
    }
}

private final class Shown: Sendable {
    private let isShown = Mutex(false)

    func first() -> Bool {
        isShown.withLock { isShown in
            defer { isShown = true }
            return !isShown
        }
    }
}
