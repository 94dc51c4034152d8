import GraphClient
import LoadTesting

extension EngineFigure {
    /// The figure of one engine, for people.
    func text(_ estimate: Estimate) -> String { Figure.value(estimate.value, unit: unit) }

    /// What LadybugDB's is beside Kùzu's, in words.
    var advantageText: String {
        switch leader {
        case .ladybug: "\(Figure.text(advantage.value)) × better"
        case .kuzu: "\(Figure.text(1 / advantage.value)) × worse"
        case nil: "about the same"
        }
    }

    /// Where the advantage lies, in the words of ``advantageText``.
    var intervalText: String {
        let (low, high) = leader == .kuzu ? (1 / advantage.high, 1 / advantage.low) : (advantage.low, advantage.high)
        return "\(Figure.text(low)) – \(Figure.text(high))"
    }

    /// A table's columns.
    static let header = [
        "figure", "of", GraphEngine.Kind.kuzu.displayName, GraphEngine.Kind.ladybug.displayName,
        "\(GraphEngine.Kind.ladybug.displayName) is", "95 % interval",
    ]

    /// A table's row.
    var cells: [String] { [id, summary, text(kuzu), text(ladybug), advantageText, intervalText] }
}

extension [EngineFigure] {
    /// What they come to, in a sentence.
    var verdict: String {
        func ahead(_ kind: GraphEngine.Kind) -> Int { count { $0.leader == kind } }
        let (kuzu, ladybug) = (ahead(.kuzu), ahead(.ladybug))
        let rest = kuzu + ladybug < count ? "; the others don't tell them apart" : ""
        return """
            Of \(count) figures, \(GraphEngine.Kind.kuzu.displayName) is ahead in \(kuzu), \
            \(GraphEngine.Kind.ladybug.displayName) in \(ladybug)\(rest).
            """
    }
}
