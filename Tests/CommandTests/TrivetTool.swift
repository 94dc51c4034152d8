import Foundation
import Subprocess
import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The tool as built for this test run, as a process.
enum TrivetTool {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Beside the test bundle: SwiftPM builds both into one folder.
    static var path: FilePath {
        get throws {
            for argument in CommandLine.arguments {
                var folder = FilePath(argument)
                while folder.removeLastComponent(), !folder.isEmpty {
                    let tool = folder.appending("trivet")
                    if FileManager.default.isExecutableFile(atPath: tool.string) { return tool }
                }
            }
            throw NotBuilt()
        }
    }

    private struct NotBuilt: Error, CustomStringConvertible {
        let description = "The tool trivet is not beside the tests; build with `make test`."
    }

    /// Runs the tool to its end.
    /// - Parameter signalAfter: a text to wait for in its progress, and the signal to send then.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], signalAfter: (text: String, signal: Signal)? = nil
    ) async throws -> Result {
        let overrides = Dictionary(
            uniqueKeysWithValues: environment.map { (Environment.Key(rawValue: $0) ?? "X", Optional($1)) })
        let configuration = Configuration(
            executable: .path(try path), arguments: Arguments(arguments), environment: .inherit.updating(overrides))
        let outcome = try await Subprocess.run(
            configuration, input: .none, output: .string(limit: 1 << 20), error: .sequence
        ) { execution in
            var errors = ""
            var isSent = false
            for try await text in execution.standardError.strings() {
                errors += text + "\n"
                if let signalAfter, !isSent, errors.contains(signalAfter.text) {
                    try execution.send(signal: signalAfter.signal)
                    isSent = true
                }
            }
            return errors
        }
        let status: Int32 =
            switch outcome.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Result(status: status, output: outcome.standardOutput, errors: outcome.closureResult)
    }
}
