import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program of the system that does one small thing and ends.
enum Tool {
    struct Result: Sendable {
        let succeeded: Bool
        let output: String
        let complaints: String
    }

    /// Runs a program from `PATH` to its end. A cancelled task ends it.
    ///
    /// - Throws: when the program cannot be started; `CancellationError`.
    static func run(
        _ program: String, _ arguments: [String], in folder: String? = nil, input: String = ""
    ) async throws -> Result {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), workingDirectory: folder.map { FilePath($0) },
            input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        try Task.checkCancellation()
        return Result(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
            complaints: result.standardError)
    }
}
