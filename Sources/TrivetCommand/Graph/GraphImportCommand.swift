import ArgumentParser
import GraphClient
import GraphTransfer

struct GraphImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a graph of an export, and compares it before it gets its name.",
        discussion: """
            Checksums are checked first. The graph is made in a folder beside with .importing after its name, read back, compared with the export by counts \
            and content, and moved to its place; if anything fails, nothing is left behind.

            Exit status: 0 imported and the same, 2 wrong usage, a place that is taken or a damaged export, 3 the engine is missing, 4 the imported graph is \
            not what was exported, 130 interrupted.

            Examples:
              trivet graph import --from export --graph app.lbug --graph-engine ladybug
              trivet graph import --from export --graph app.kuzu --graph-engine kuzu
            """)

    @Option(help: ArgumentHelp("The folder that trivet graph export has made.", valueName: "folder"))
    var from: String

    @Option(
        help: ArgumentHelp(
            "The graph's new file, or a folder of a run with --data that has no graph; nothing may be there.",
            valueName: "path"))
    var graph: String

    @OptionGroup var engine: GraphEngineOption

    @Flag(help: "No progress, only results and errors.")
    var quiet = false

    func run() async throws {
        let path = try GraphPlace.new(graph)
        let engine = try GraphEngine.load(engine.graphEngine)
        let manifest = try await TransferWork(isQuiet: quiet).run { [from] observer in
            try await GraphImport(from: from, to: path, engine: engine, observer: observer).run()
        }
        Console.print(
            TransferWork.text(
                manifest, "Imported \(from) to \(path), \(engine.kind.displayName) \(engine.version), and compared")
        )
    }
}
