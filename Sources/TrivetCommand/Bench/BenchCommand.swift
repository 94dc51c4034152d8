import ArgumentParser
import Benchmarking
import Foundation
import LoadTesting
import Measurement
import Reporting

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures what Trivet costs, side by side with doing without it.",
        discussion: """
            Each figure is measured in turns with what it is compared to, on the same engines in the same run, so that the machine's moods \
            meet both. A ratio is the median of the turns' ratios; beside it stands where it lies with 95 % confidence.

            Suites:
            \(BenchmarkSuite.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))

            Baselines: --save-baseline keeps every repetition under a name. Saving under the same name again adds a run to it, and a baseline \
            of several runs knows how much runs differ: make it of three or more. trivet compare then says what got worse.

            Examples:
              trivet bench                     all suites
              trivet bench redis patterns
              trivet bench pools --repetitions 30 --json pools.json
              trivet bench --graph-engine both the graph's engines beside each other, with figures of their own
              trivet bench --save-baseline main --commit "$(git rev-parse --short HEAD)"
            """)

    @Argument(help: "Suites, or all.")
    var suites = ["all"]

    @Option(help: "How often each pair is measured, 10 to 1000.")
    var repetitions = 15

    @Option(help: ArgumentHelp("Writes the results as JSON; - for standard output.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Writes report.html, report.json, junit.xml and summary.md into this folder.", valueName: "folder"))
    var report: String?

    @Option(help: ArgumentHelp("Adds the run to this baseline, or begins it.", valueName: "name"))
    var saveBaseline: String?

    @Option(help: ArgumentHelp("Where baselines are.", valueName: "folder"))
    var baselines = CompareCommand.usualFolder

    @Option(
        help: ArgumentHelp(
            "What is measured, such as a commit's number: runs of others can't be added to the baseline.",
            valueName: "text"))
    var commit: String?

    @OptionGroup var engine: BenchEngineOption

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
        guard engine.graphEngine == .both else { return }
        if suites != ["all"] {
            throw ValidationError("--graph-engine both compares the engines by figures of its own; give it no suites.")
        }
        if saveBaseline != nil {
            throw ValidationError("A baseline is of one engine; save one of each, with --graph-engine kuzu or ladybug.")
        }
    }

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let reports = try report.map(ReportFolder.init)
        let isOfBoth = engine.graphEngine == .both
        let engines = isOfBoth ? try await EngineComparison.versions() : try await BenchmarkRun.versions()
        // Before anything is measured: minutes of work must not be lost to a baseline that they can't be added to.
        let baseline = try saveBaseline.map {
            try BaselineRecorder(name: $0, folder: baselines, commit: commit, engines: engines.named)
        }
        var outcome = isOfBoth ? try await compareEngines(engines) : try await measure(on: engines)
        outcome.result.noteOrigin(commit: commit ?? SourceCommit.current())
        try output?.write(try JSONReport.render(outcome.result))
        if let page = try reports?.write(outcome.result) { Console.printError("report: \(page)") }
        if output?.isStandardOutput != true {
            Console.print(SummaryTable(style: Console.style(for: STDOUT_FILENO)).render(outcome.result))
        }
        if let baseline {
            // Half a run is none.
            Console.printError(
                outcome.result.interrupted
                    ? "The baseline \(baseline.name) is unchanged, since the run was interrupted."
                    : try baseline.save(outcome.metrics))
        }
        let status = outcome.result.outcome
        if status != .allTargetsMet { throw ExitCode(status.rawValue) }
    }

    private func measure(on engines: EngineVersions) async throws -> BenchmarkRun.Outcome {
        let chosen =
            suites.contains("all")
            ? BenchmarkSuite.allCases : BenchmarkSuite.allCases.filter { suites.contains($0.rawValue) }
        let run = BenchmarkRun(suites: chosen, repetitions: repetitions)
        let command = commandLine
        return try await following { show in try await run.run(on: engines, command: command, progress: show) }
    }

    private func compareEngines(_ engines: EngineVersions) async throws -> BenchmarkRun.Outcome {
        guard let tool = Bundle.main.executablePath else {
            throw ConfigurationError(description: "This program's own path is not known, and it has to start itself.")
        }
        let comparison = EngineComparison(repetitions: repetitions, tool: tool)
        let command = commandLine
        return try await following { show in
            try await comparison.run(on: engines, command: command, progress: show)
        }
    }

    private var commandLine: String {
        let named = suites == ["all"] && engine.graphEngine == .both ? "" : " \(suites.joined(separator: " "))"
        return (["trivet bench\(named) --repetitions \(repetitions)"] + engine.commandLine).joined(separator: " ")
    }

    /// Measures with its progress on standard error; Ctrl-C ends it in good order.
    private func following<Value: Sendable>(
        _ measure: @escaping @Sendable (_ show: @escaping @Sendable (String) -> Void) async throws -> Value
    ) async throws -> Value {
        let line = StatusLine(isQuiet: quiet)
        let work = Task { try await measure { line.show($0) } }
        let signals = InterruptHandler { work.cancel() }
        let result = await work.result
        signals.cancel()
        line.clear()
        return try result.get()
    }
}
