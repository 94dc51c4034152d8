import ArgumentParser
import Foundation
import GraphClient

/// Which engine the graph is run on.
struct GraphEngineOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The graph's engine: \(GraphEngine.Kind.allCases.map(\.rawValue).joined(separator: " or ")). By default what \(GraphEngine.Kind.choice) names, or what made the graph that is there; \(GraphEngine.Kind.standard.rawValue) for a new one.",
            valueName: "engine"))
    var graphEngine: GraphEngine.Kind?

    func validate() throws {
        if let graphEngine { Self.choose(graphEngine) }
    }

    /// Chooses it, before anything asks: for this process, and for those that it starts.
    static func choose(_ engine: GraphEngine.Kind) {
        setenv(GraphEngine.Kind.choice, engine.rawValue, 1)
    }

    /// What a user types to have it again.
    var commandLine: [String] { graphEngine.map { ["--graph-engine \($0.rawValue)"] } ?? [] }
}

extension GraphEngine.Kind: ExpressibleByArgument {}
