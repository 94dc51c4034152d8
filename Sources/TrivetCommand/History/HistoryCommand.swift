import ArgumentParser
import Foundation
import Histories
import LoadTesting

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Runs transactions, writes down what clients saw, and checks whether any serial order explains it.",
        discussion: """
            Clients append to lists (or write registers) that are spread over SQLite, the graph and Redis, and read them, in transactions of up to ten steps and in snapshots. \
            The file grows as operations happen, in EDN as the checker Elle reads it, so that anyone can check it with a checker that is not ours. A file that is there is \
            continued: with --data, the next run goes on with the same stores and reads every key at its end.

            The exit status is 0 when the history is strictly serializable, 4 when it is not.

            Examples:
              trivet history history.edn
              trivet history history.edn --workload register --clients 20 --duration 60
              trivet history history.edn --data ./data
              trivet history history.edn --report report
            """)

    @Argument(help: "The file for the history.")
    var file: String

    @Option(help: "list-append or register.")
    var workload = "list-append"

    @Option(help: "Clients at the same time, 1 to 100.")
    var clients = 10

    @Option(help: "Keys that transactions choose from at a time, 1 to 1000. Few keys: much contention.")
    var keys = 10

    @Option(help: ArgumentHelp("Writes after which a key is left to itself, 1 to 10000.", valueName: "count"))
    var writes = 32

    @Option(help: ArgumentHelp("How long clients run.", valueName: "seconds"))
    var duration = 10.0

    @Option(help: "Makes the same transactions again.")
    var seed: UInt64 = 42

    @Option(help: ArgumentHelp("Keeps the three stores in this folder.", valueName: "folder"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Writes report.html, report.json, junit.xml and summary.md into this folder.", valueName: "folder"))
    var report: String?

    @OptionGroup var engine: GraphEngineOption

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func validate() throws {
        guard WorkloadShape.Kind(rawValue: workload) != nil else {
            let known = WorkloadShape.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("Unknown workload \"\(workload)\". There are: \(known).")
        }
        guard (1...100).contains(clients) else { throw ValidationError("--clients is \(clients); give 1 to 100.") }
        guard (1...1_000).contains(keys) else { throw ValidationError("--keys is \(keys); give 1 to 1000.") }
        guard (1...10_000).contains(writes) else { throw ValidationError("--writes is \(writes); give 1 to 10000.") }
        guard duration > 0, duration <= 86_400 else {
            throw ValidationError("--duration is \(duration); give up to 86400 seconds.")
        }
    }

    func run() async throws {
        let shape = WorkloadShape(
            kind: WorkloadShape.Kind(rawValue: workload) ?? .listAppend, keysAlive: keys, writesPerKey: writes,
            clients: clients)
        let run = HistoryRun(shape: shape, duration: .seconds(duration), seed: seed, file: file, folder: data)
        let reports = try report.map(ReportFolder.init)
        let isQuiet = quiet
        let start = ContinuousClock.now
        let work = Task {
            try await run.run { count in
                guard !isQuiet, count % 500 == 0 else { return }
                FileHandle.standardError.write(Data("history  \(count) transactions\n".utf8))
            }
        }
        let signals = InterruptHandler { work.cancel() }
        defer { signals.cancel() }
        let result = await work.result.flatMap { found in
            found.map { .success($0) } ?? .failure(CancellationError() as any Error)
        }
        let found = try ReportFolder.outcome(of: result, in: reports, profile: "history", command: commandLine)
        var document = found.document(
            seconds: ((.now - start) / .milliseconds(1)).rounded() / 1_000, seed: seed, command: commandLine)
        document.noteOrigin(commit: SourceCommit.current())
        if let page = try reports?.write(document) { Console.printError("report: \(page)") }
        Console.print("\(found.verdict)\n")
        if !found.verdict.isClean { throw ExitCode(RunResult.Outcome.inconsistent.rawValue) }
    }

    private var commandLine: String {
        var parts = ["trivet history \(file) --workload \(workload) --clients \(clients) --keys \(keys)"]
        parts.append("--writes \(writes) --duration \(duration) --seed \(seed)")
        if let data { parts.append("--data \(data)") }
        return (parts + engine.commandLine).joined(separator: " ")
    }
}
