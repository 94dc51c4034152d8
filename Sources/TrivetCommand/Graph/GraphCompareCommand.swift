import ArgumentParser
import GraphClient
import GraphTransfer
import LoadTesting

struct GraphCompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares a graph with an export: schema, counts and content.",
        discussion: """
            Content is compared whatever the order of rows and whatever numbers the engine has given them. An import does this by itself; here it is for \
            looking again later, or on the other engine.

            Exit status: 0 the same, 2 wrong usage or a graph that is in use, 3 the engine is missing, 4 there are differences, 130 interrupted.

            Example:
              trivet graph compare --from export --graph app.lbug
            """)

    @Option(help: ArgumentHelp("The folder that trivet graph export has made.", valueName: "folder"))
    var from: String

    @Option(help: ArgumentHelp("The graph's file, or the folder of a run with --data.", valueName: "path"))
    var graph: String

    @Option(
        help: ArgumentHelp(
            "The engine that made the graph: kuzu or ladybug. By default the file says it.", valueName: "engine"))
    var graphEngine: GraphEngine.Kind?

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func run() async throws {
        let place = try GraphPlace(graph, engine: graphEngine)
        let found = try await TransferWork(isQuiet: quiet).run { [from] observer in
            try await place.with { try await GraphComparison(observer: observer).differences(of: $0, from: from) }
        }
        guard !found.isEmpty else { return Console.print("\(place.path) is what was exported to \(from).") }
        Console.print(
            (["\(place.path) is not what was exported to \(from):"] + found.map { "  \($0)" }).joined(separator: "\n"))
        throw ExitCode(RunResult.Outcome.inconsistent.rawValue)
    }
}
