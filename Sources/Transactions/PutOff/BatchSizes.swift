import GraphClient

/// From how many writes of a shape on one statement for all costs the engine less than one for each.
struct BatchSizes {
    var insertions: Int
    var changes: Int
    var connections: Int

    /// The one for writes that need so many nodes.
    func fewest(needing nodes: Int) -> Int {
        switch nodes {
        case 0: insertions
        case 1: changes
        default: connections
        }
    }
}

extension GraphEngine.Kind {
    /// Found by measuring batches of 5, 10, 25, 100 and 200 rows beside single statements, in tables of 20 000 and 50 000 nodes. Kùzu goes through the
    /// nodes for a batch of relationships, which only pays when there are very many.
    var batchSizes: BatchSizes {
        switch self {
        case .kuzu: BatchSizes(insertions: 5, changes: 12, connections: 200)
        case .ladybug: BatchSizes(insertions: 5, changes: 5, connections: 5)
        }
    }
}
