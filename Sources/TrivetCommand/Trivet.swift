import ArgumentParser
import Foundation
import LoadTesting

/// The tool.
@main
struct Trivet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trivet",
        abstract: "Proves on live engines that SQLite, a graph and Redis hold together.",
        discussion: """
            Everything runs on private engines: a redis-server of its own, SQLite and the graph in a temporary folder. Nothing is left behind.

            Exit status: 0 all targets met, 1 a target missed, 2 wrong usage or configuration, 3 an engine is missing or unreachable, \
            4 a consistency check violated, 5 a regression, 7 inconclusive, 130 interrupted.
            """,
        version: RunResult.currentVersion,
        subcommands: [
            RunCommand.self, BenchCommand.self, CompareCommand.self, CrashCommand.self, HistoryCommand.self,
            DashboardCommand.self, VerifyCommand.self, RecoverCommand.self, GraphCommand.self, DoctorCommand.self,
            CrashProcessCommand.self, WorkerProcessCommand.self, MemoryProcessCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            Foundation.exit(report(error))
        }
    }

    /// Prints what went wrong, or the help that was asked for.
    /// - Returns: the exit status.
    private static func report(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if exitCode(for: error) == .success {
            Console.print(fullMessage(for: error))
            return 0
        }
        // Errors of the parser come with the usage; ours say what to do by themselves.
        guard let status = ExitStatus.of(error) else {
            Console.printError(fullMessage(for: error))
            return RunResult.Outcome.wrongUsage.rawValue
        }
        let isCancelled = error is CancellationError
        Console.printError("trivet: \(isCancelled ? "interrupted before there was anything to report" : "\(error)")")
        return status.rawValue
    }
}
