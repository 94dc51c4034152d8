import ArgumentParser
import GraphClient

/// Which engine the graph is run on, or that both are measured beside each other.
struct BenchEngineOption: ParsableArguments {
    enum Choice: Hashable, ExpressibleByArgument {
        case one(GraphEngine.Kind)
        case both

        init?(argument: String) {
            guard argument != "both" else {
                self = .both
                return
            }
            guard let kind = GraphEngine.Kind(rawValue: argument) else { return nil }
            self = .one(kind)
        }

        var defaultValueDescription: String {
            switch self {
            case .one(let kind): kind.rawValue
            case .both: "both"
            }
        }

        static var allValueStrings: [String] { GraphEngine.Kind.allCases.map(\.rawValue) + ["both"] }
    }

    @Option(
        help: ArgumentHelp(
            "The graph's engine: \(Choice.allValueStrings.joined(separator: " or ")). By default what \(GraphEngine.Kind.choice) names, \(GraphEngine.Kind.standard.rawValue) without it. both compares them.",
            valueName: "engine"))
    var graphEngine: Choice?

    func validate() throws {
        if case .one(let kind) = graphEngine { GraphEngineOption.choose(kind) }
    }

    /// What a user types to have it again.
    var commandLine: [String] { graphEngine.map { ["--graph-engine \($0.defaultValueDescription)"] } ?? [] }
}
