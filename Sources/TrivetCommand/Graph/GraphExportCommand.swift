import ArgumentParser
import GraphClient
import GraphTransfer

struct GraphExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a graph into a folder that either engine can be filled from.",
        discussion: """
            The folder appears when it is whole; until then it has .unfinished after its name. What can't be exported is named before anything is \
            written. The graph must not be open elsewhere, and is not changed.

            Exit status: 0 exported, 2 wrong usage, a graph that is in use or can't be exported, 3 the engine is missing, 130 interrupted.

            Examples:
              trivet graph export --graph app.kuzu --to export
              trivet graph export --graph ./data --to export     the graph of a run with --data
            """)

    @Option(help: ArgumentHelp("The graph's file, or the folder of a run with --data.", valueName: "path"))
    var graph: String

    @Option(help: ArgumentHelp("The folder to write; must not be there yet, or be empty.", valueName: "folder"))
    var to: String

    @Option(
        help: ArgumentHelp(
            "The engine that made the graph: kuzu or ladybug. By default the file says it.", valueName: "engine"))
    var graphEngine: GraphEngine.Kind?

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func run() async throws {
        let place = try GraphPlace(graph, engine: graphEngine)
        let manifest = try await TransferWork(isQuiet: quiet).run { [to] observer in
            try await place.with { try await GraphExport(to: to, observer: observer).run($0) }
        }
        Console.print(TransferWork.text(manifest, "Exported \(place.path) to \(to)"))
    }
}
