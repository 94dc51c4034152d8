import ArgumentParser
import Foundation
import LoadTesting
import Measurement
import Reporting
import Scenarios
import Spelling

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs scenarios on live engines and judges them by their targets.",
        discussion: """
            Profiles: quick (each scenario in its short form; the default) and full. Scenarios:
            \(ScenarioCatalog.summaries.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            A latency target is met when its 99th percentile in the steady state is below the limit, with at least 299 samples.

            Examples:
              trivet run
              trivet run user-journey --users 8 --duration 60
              trivet run --json results.json
              trivet run shop.yaml --quick   runs a scenario's file (Documentation/scenarios.md), in its short form
              trivet run --report report     writes a page to look at, and what CI shows
              trivet run --data ./data       keeps the stores; the next run goes on with them
              trivet run shop.yaml --sqlite app.sqlite --redis localhost:6379
                                             reads stores of your own; with --adopt it may write them, too
              trivet run full --dashboard    shows what happens at http://127.0.0.1:9400/, and /metrics for Prometheus
              trivet run --report after --baseline before/report.json
            """)

    @Argument(help: "A profile, a scenario, or a scenario's file (.yaml).")
    var profile = "quick"

    @Flag(name: .customLong("quick"), help: "With a file: its short form.")
    var isShort = false

    @Option(
        help: """
            Users that act at the same time, 1 to 500; by default what each scenario needs. Where operations come at a \
            rate, it is the most of them that are under way at one time.
            """
    )
    var users: Int?

    @Option(
        help: ArgumentHelp(
            "Length of each scenario's steady state; by default what the profile says.", valueName: "seconds"))
    var duration: Double?

    @Option(help: "Makes the same users do the same things again.")
    var seed: UInt64 = 42

    @Option(help: "Multiplies the amount of data, 0.1 to 100.")
    var scale = 1.0

    @Flag(
        help: """
            Runs a scenario that has missed a target of time once more; the target is missed when it is missed again. For machines \
            that share their processors. Failures, and stores that disagree, count at once.
            """
    )
    var confirm = false

    @OptionGroup(title: "Stores") var stores: RunStoreOptions

    @Option(help: ArgumentHelp("Writes the results as JSON; - for standard output.", valueName: "file"))
    var json: String?

    @Option(
        help: ArgumentHelp(
            "Writes report.html, report.json, junit.xml and summary.md into this folder.", valueName: "folder"))
    var report: String?

    @OptionGroup var view: RunViewOptions

    @OptionGroup var engine: GraphEngineOption

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func validate() throws {
        guard
            ScenarioFileArgument.isFile(profile) || ["quick", "full"].contains(profile)
                || ScenarioCatalog.names.contains(profile)
        else {
            let known = ["quick", "full"] + ScenarioCatalog.names
            throw ValidationError(
                "Unknown profile or scenario \"\(profile)\". \(Self.hint(profile, known))")
        }
        if let users, !(1...500).contains(users) { throw ValidationError("--users is \(users); give 1 to 500.") }
        guard (0.1...100).contains(scale) else { throw ValidationError("--scale is \(scale); give 0.1 to 100.") }
        if let duration, !(duration >= 1 && duration <= 86_400) {
            throw ValidationError("--duration is \(duration); give 1 to 86400 seconds.")
        }
    }

    private static func hint(_ name: String, _ known: [String]) -> String {
        let near = NearestNames.of(name, among: known)
        if !near.isEmpty { return "Did you mean \(near.joined(separator: ", "))?" }
        return
            "There are: \(known.joined(separator: ", ")). A scenario's file has a name that ends in .yaml, or a slash in it."
    }

    func run() async throws {
        // Before anything is measured: a run of minutes must not be lost to a file that can't be written.
        let output = try json.map(ResultFile.init)
        let reports = try report.map(ReportFolder.init)
        var file = try ScenarioFileArgument.run(profile, plan: plan, isQuick: isShort, stores: stores)
        var scenario = ScenarioRun(plan: plan, folder: stores.data)
        scenario.adopts = stores.adopt
        scenario.confirms = confirm
        file?.confirms = confirm
        scenario.tool = Bundle.main.executablePath
        file?.tool = Bundle.main.executablePath
        let origin = RunOrigin(
            baseline: try view.baseline.map(EarlierResult.baseline), commit: view.commit ?? SourceCommit.current())
        scenario.origin = origin
        file?.origin = origin
        let metrics = view.dashboard.map { _ in RunMetrics() }
        if let metrics {
            scenario.whenOpen = { metrics.watch($0) }
            file?.whenOpen = { metrics.watch($0) }
        }
        let monitor = LoadMonitor()
        let dashboard = try await view.start(monitor, metrics)
        if let dashboard { Console.printError("dashboard: \(dashboard.address)") }
        let command = commandLine, name = file?.file.id ?? profile
        let work = Task { [scenario, file] in
            if let file { return try await file.run(command: command, monitor: monitor) }
            return try await scenario.run(profile: profile, command: command, monitor: monitor)
        }
        let signals = InterruptHandler {
            // While the data is prepared there is nothing to report; later the run ends in good order.
            if monitor.phase == .preparing || monitor.isStopping { work.cancel() } else { monitor.stop() }
        }
        let progress = Task { await ProgressReporter(isQuiet: quiet, profile: name).follow(monitor) }
        let result = await work.result
        progress.cancel()
        await progress.value
        signals.cancel()
        await dashboard?.stop(with: ReportFolder.shown(result, profile: profile, command: command))
        let outcome = try ReportFolder.outcome(of: result, in: reports, profile: profile, command: command)
        try output?.write(try JSONReport.render(outcome))
        if let page = try reports?.write(outcome) { Console.printError("report: \(page)") }
        if output?.isStandardOutput != true {
            Console.print(SummaryTable(style: Console.style(for: STDOUT_FILENO)).render(outcome))
        }
        if outcome.outcome != .allTargetsMet { throw ExitCode(outcome.outcome.rawValue) }
    }

    private var plan: LoadPlan {
        var plan = LoadPlan()
        plan.requestedUsers = users
        plan.seed = seed
        plan.scale = scale
        plan.requestedSteady = duration.map { .seconds($0) }
        return plan
    }

    private var commandLine: String {
        var parts = ["trivet run \(profile) --seed \(seed)"]
        if isShort { parts.append("--quick") }
        if confirm { parts.append("--confirm") }
        if let users { parts.append("--users \(users)") }
        if let duration { parts.append("--duration \(duration.formatted())") }
        if scale != 1 { parts.append("--scale \(scale.formatted())") }
        return (parts + engine.commandLine + stores.commandLine).joined(separator: " ")
    }
}

extension Double {
    /// Without a point where there is nothing behind it.
    fileprivate func formatted() -> String { self == rounded() ? String(Int(self)) : String(self) }
}
