import ArgumentParser
import Foundation
import LoadTesting
import Reporting

struct CrashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash",
        abstract: "Kills processes in the midst of their transactions, and checks that the stores hold together.",
        discussion: """
            Each round starts a process that runs transactions over the three stores at the same time, and kills it (SIGKILL): at a named step of the commit or of \
            recovery, or at a random moment; redis-server is killed too, emptied, or the graph is put back to an older state. Then the stores are recovered, and compared \
            with what was acknowledged before the kill:

              I1  what was acknowledged is in every store
              I2  what was not is in all of its stores or in none
              I3  the stores agree in the order of transactions, and the order with real time
              I4  no store is ahead of SQLite, or another database's
              I5  each transaction took effect once, idempotency keys included
              T8  the consistency verifier finds no difference

            The same stores live on for \(CrashPlan.roundsPerSet) rounds. A violation is explained, its stores are kept, and the command is named that does the same again \
            (times differ, so it may take some tries). SIGKILL loses nothing that was written, so what a power failure does to disks is not shown by this.

            Exit status: 0 nothing was violated, 1 a recovery took 10 s or more, 2 wrong usage, 3 an engine is missing, 4 a promise was broken, 130 interrupted \
            (what was done until then is reported).

            Examples:
              trivet crash
              trivet crash --rounds 10000 --seed 7 --json crash.json
              trivet crash --rounds 50 --data ./data    keeps the last stores, for trivet recover
            """)

    @Option(help: "How many rounds, 1 to 1000000. Some four or five a second.")
    var rounds = 100

    @Option(help: "Draws the rounds; the same seed draws the same.")
    var seed: UInt64 = 42

    @Option(help: ArgumentHelp("The first round: to repeat some of a longer run.", valueName: "round"))
    var from = 0

    @Option(help: ArgumentHelp("Keeps the last stores in this folder.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("Writes the results as JSON; - for standard output.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Writes report.html, report.json, junit.xml and summary.md into this folder.", valueName: "folder"))
    var report: String?

    @OptionGroup var engine: GraphEngineOption

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func validate() throws {
        guard (1...1_000_000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); give 1 to 1000000.")
        }
        guard (0...1_000_000_000).contains(from) else {
            throw ValidationError("--from is \(from); give 0 to 1000000000.")
        }
    }

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let reports = try report.map(ReportFolder.init)
        guard let tool = Bundle.main.executablePath else {
            throw ConfigurationError(description: "This program's own path is not known, and it has to start itself.")
        }
        let campaign = CrashCampaign(rounds: rounds, from: from, seed: seed, folder: data, tool: tool)
        let progress = CrashProgressLine(isQuiet: quiet)
        let work = Task { try await campaign.run { progress.show($0) } }
        let signals = InterruptHandler { work.cancel() }
        let result = await work.result
        signals.cancel()
        progress.end()
        let outcome = try ReportFolder.outcome(of: result, in: reports, profile: "crash", command: commandLine)
        var document = outcome.document(command: commandLine)
        document.noteOrigin(commit: SourceCommit.current())
        try output?.write(try JSONReport.render(document))
        if let page = try reports?.write(document) { Console.printError("report: \(page)") }
        if output?.isStandardOutput != true {
            let style = Console.style(for: STDOUT_FILENO)
            Console.print(SummaryTable(style: style).render(document))
            Console.print(CrashTable(style: style).render(outcome))
        }
        if outcome.outcome != .allTargetsMet { throw ExitCode(outcome.outcome.rawValue) }
    }

    private var commandLine: String {
        var parts = ["trivet crash --rounds \(rounds) --seed \(seed)"]
        if from > 0 { parts.append("--from \(from)") }
        if let data { parts.append("--data \(data)") }
        return (parts + engine.commandLine).joined(separator: " ")
    }
}
