import ArgumentParser

struct GraphCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Moves a graph from one engine to the other: exports, imports and compares it.",
        discussion: """
            The engines can't read each other's databases. An export is a folder that either can be filled from: manifest.json with the schema, and \
            a file of JSON lines for each table. Schema, nodes and relationships are carried, with every type, and what the coordinator of transactions \
            keeps in the graph, so that an application goes on with the moved graph as it was. Each import is compared with \
            what was exported, by counts and content, before it gets its name.

            Nothing is ever overwritten, and the graph that is read stays as it is: to change engines, stop the application, move its graph, and start it with \
            the new file and --graph-engine, TRIVET_GRAPH_ENGINE or its configuration.

            Examples:
              trivet graph move --graph app.kuzu --to app.lbug --graph-engine ladybug
              trivet graph export --graph app.kuzu --to export
              trivet graph import --from export --graph app.lbug --graph-engine ladybug
              trivet graph compare --from export --graph app.lbug
            """,
        subcommands: [
            GraphMoveCommand.self, GraphExportCommand.self, GraphImportCommand.self, GraphCompareCommand.self,
        ])
}
