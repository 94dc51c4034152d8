import ArgumentParser
import GraphClient
import GraphTransfer

struct GraphMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Exports a graph and imports it with the other engine, in one go.",
        discussion: """
            As trivet graph export and trivet graph import, with a folder between them that has the new file's name and .moving. The graph that is read stays where and as it is.

            Exit status: 0 moved and the same, 2 wrong usage, a graph that is in use or can't be moved, 3 an engine is missing, 4 the new graph is not the \
            same, 130 interrupted.

            Example:
              trivet graph move --graph app.kuzu --to app.lbug --graph-engine ladybug
            """)

    @Option(help: ArgumentHelp("The graph's file, or the folder of a run with --data.", valueName: "path"))
    var graph: String

    @Option(help: ArgumentHelp("The new graph's file; nothing may be there.", valueName: "file"))
    var to: String

    @Option(
        help: ArgumentHelp(
            "The new graph's engine: kuzu or ladybug. By default the one that has not made the old one.",
            valueName: "engine"))
    var graphEngine: GraphEngine.Kind?

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func run() async throws {
        let place = try GraphPlace(graph, engine: nil)
        let other = GraphEngine.Kind.allCases.first { $0 != place.engine.kind }
        let engine = try GraphEngine.load(graphEngine ?? other)
        let manifest = try await TransferWork(isQuiet: quiet).run { [to] observer in
            try await GraphMove(to: to, engine: engine, observer: observer).run { export in
                try await place.with(export)
            }
        }
        Console.print(
            TransferWork.text(
                manifest, "Moved \(place.path) to \(to), \(engine.kind.displayName) \(engine.version), and compared"))
    }
}
