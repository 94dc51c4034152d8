import ArgumentParser
import Benchmarking
import Foundation
import LoadTesting
import Reporting
import Synchronization

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures what Trivet costs, side by side with doing without it.",
        discussion: """
            Each figure is measured in turns with what it is compared to, on the same engines in the same run, so that the machine's moods \
            meet both. A ratio is the median of the turns' ratios; beside it stands where it lies with 95 % confidence.

            Suites:
            \(BenchmarkSuite.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            Examples:
              trivet bench                     all suites
              trivet bench transactions
              trivet bench pools --repetitions 30 --json pools.json
            """)

    @Argument(help: "Suites, or all.")
    var suites = ["all"]

    @Option(help: "How often each pair is measured, 10 to 1000.")
    var repetitions = 15

    @Option(help: ArgumentHelp("Writes the results as JSON; - for standard output.", valueName: "file"))
    var json: String?

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func validate() throws {
        for suite in suites where suite != "all" && BenchmarkSuite(rawValue: suite) == nil {
            let known = BenchmarkSuite.allCases.map(\.rawValue) + ["all"]
            throw ValidationError("Unknown suite \"\(suite)\". There are: \(known.joined(separator: ", ")).")
        }
        guard (10...1_000).contains(repetitions) else {
            throw ValidationError("--repetitions is \(repetitions); give 10 to 1000.")
        }
    }

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let chosen =
            suites.contains("all")
            ? BenchmarkSuite.allCases : BenchmarkSuite.allCases.filter { suites.contains($0.rawValue) }
        let run = BenchmarkRun(suites: chosen, repetitions: repetitions)
        let line = StatusLine(isQuiet: quiet)
        let command = "trivet bench \(suites.joined(separator: " ")) --repetitions \(repetitions)"
        let work = Task { try await run.run(command: command) { line.show($0) } }
        let signals = InterruptHandler { work.cancel() }
        let result = await work.result
        signals.cancel()
        line.clear()
        let outcome = try result.get()
        try output?.write(try JSONReport.render(outcome))
        if output?.isStandardOutput != true {
            Console.print(SummaryTable(style: Console.style(for: STDOUT_FILENO)).render(outcome))
        }
        if outcome.outcome != .allTargetsMet { throw ExitCode(outcome.outcome.rawValue) }
    }
}

/// What is being done, on standard error: one line that is redrawn on a terminal; elsewhere a line when something new begins.
private final class StatusLine: Sendable {
    private let isQuiet: Bool
    private let isTerminal: Bool
    private let subject = Mutex("")

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    func show(_ text: String) {
        guard !isQuiet else { return }
        if isTerminal { return write("\r\u{1B}[K\(text)") }
        let name = String(text.prefix { $0 != " " })
        let isNew = subject.withLock { subject in
            defer { subject = name }
            return subject != name
        }
        if isNew { write(text + "\n") }
    }

    func clear() {
        if !isQuiet, isTerminal { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
