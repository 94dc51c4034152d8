import ArgumentParser
import Foundation
import LoadTesting
import Measurement
import Reporting

struct CompareCommand: AsyncParsableCommand {
    static let usualFolder = "baselines"

    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says what got worse, or better, between two baselines of trivet bench.",
        discussion: """
            A metric has got worse only if the difference is significant (Mann-Whitney's U test, with Holm's adjustment for the number of \
            metrics), greater than what is tolerated (twice the baseline's noise, 5 to 50 %), with a confidence interval that excludes no change, and \
            shown by a second run of the candidate: one that was added to it, or the one given with --confirm. A metric is the same only if the whole \
            interval lies within what is tolerated. Of all others nothing can be said, and that is an answer of its own.

            Baselines of different machines, or versions of engines, are refused: their figures say nothing about the code.

            Exit status: 0 nothing got worse, 5 something did, 7 inconclusive, 2 they can't be compared.

            Examples:
              trivet bench --save-baseline before          three times on the old code
              trivet bench --save-baseline after           twice on the new one
              trivet compare before after
              trivet compare before first --confirm second
              trivet compare results/before.json results/after.json --json -
            """)

    @Argument(help: "The baseline: its name, or a file.")
    var before: String

    @Argument(help: "What is compared with it: a baseline's name, or a file.")
    var after: String

    @Option(
        help: ArgumentHelp("A second run of the candidate, to confirm what the first shows.", valueName: "baseline"))
    var confirm: String?

    @Option(help: ArgumentHelp("Where baselines are.", valueName: "folder"))
    var baselines = CompareCommand.usualFolder

    @Flag(help: "Compares what was measured on different machines or engines, too.")
    var force = false

    @Option(help: ArgumentHelp("Writes the comparison as JSON; - for standard output.", valueName: "file"))
    var json: String?

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let comparison = try Comparison(
            baseline: load(before), candidate: load(after), confirmation: confirm.map(load), isForced: force)
        try output?.write(try ComparisonReport.render(comparison))
        if output?.isStandardOutput != true {
            Console.print(ComparisonTable(style: Console.style(for: STDOUT_FILENO)).render(comparison))
        }
        if comparison.outcome != .allTargetsMet { throw ExitCode(comparison.outcome.rawValue) }
    }

    /// Whatever has a folder or an ending is a file.
    private func load(_ name: String) throws -> Baseline {
        name.contains("/") || name.hasSuffix(".json")
            ? try BaselineFolder.load(file: name) : try BaselineFolder(baselines).load(name)
    }
}
