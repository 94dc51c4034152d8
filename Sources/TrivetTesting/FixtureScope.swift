import Synchronization
import Testing

/// What the traits have in common.
enum FixtureScope {
    /// Runs a test or suite and adds the end of an engine's log to each test's first issue, so that it stands beside the
    /// failure that it explains.
    static func withLog(
        of engine: String, in test: Test, _ testCase: Test.Case?, lines: @escaping @Sendable () -> [String],
        _ body: @Sendable () async throws -> Void
    ) async throws {
        #if compiler(>=6.2)
            let shown = Shown()
            let handler = IssueHandlingTrait.compactMapIssues { issue in
                guard shown.isFirst(in: Test.current) else { return issue }
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

/// Which tests have shown the log already: a suite's engine serves many of them.
private final class Shown: Sendable {
    private let tests = Mutex<Set<Test.ID?>>([])

    func isFirst(in test: Test?) -> Bool {
        tests.withLock { $0.insert(test?.id).inserted }
    }
}
