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
    /// - Parameter input: at most 16 KiB, which any system's pipe takes at once.
    /// - Throws: when the program cannot be started; `CancellationError`.
    static func run(
        _ program: String, _ arguments: [String], in folder: String? = nil, input: String = ""
    ) async throws -> Result {
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), workingDirectory: folder.map { FilePath($0) },
            input: .fileDescriptor(try pipe(holding: input), closeAfterSpawningProcess: true),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        try Task.checkCancellation()
        return Result(
            succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
            complaints: result.standardError)
    }

    /// A pipe that holds the whole input already. The library would write it later, and ends this process if the
    /// program ends before it has read everything ("was not closed", swift-subprocess 1.0).
    private static func pipe(holding input: String) throws -> FileDescriptor {
        precondition(input.utf8.count <= 16_384)
        let ends = try FileDescriptor.pipe()
        try ends.writeEnd.closeAfter { _ = try ends.writeEnd.writeAll(input.utf8) }
        return ends.readEnd
    }
}
