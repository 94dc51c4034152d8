import Measurement

extension EngineComparer {
    /// What is measured of both engines.
    struct Figure: Sendable {
        var id: String
        var summary: String
        var unit: String
        var better = Baseline.Metric.Better.lower
    }
}

extension EngineComparer.Figure {
    static let pointRead = Self(
        id: "statements.read", summary: "a point read by key, prepared, in a transaction", unit: "µs")
    static let neighbours = Self(
        id: "statements.neighbours", summary: "the neighbours of a user's 10 neighbours, counted", unit: "µs")
    static let aggregate = Self(
        id: "statements.aggregate", summary: "sums by group over 50 000 relationships", unit: "ms")
    static let insertion = Self(id: "statements.insert", summary: "a node, prepared, in a transaction", unit: "µs")
    static let relationship = Self(
        id: "statements.relate", summary: "a relationship between two found by key", unit: "µs")
    static let rows = Self(id: "statements.rows", summary: "a node of 1 000 in one UNWIND statement", unit: "µs")
    static let commit = Self(id: "commits.group", summary: "the commit of 100 new nodes", unit: "µs")
    static let aloneCommit = Self(id: "commits.alone", summary: "a node by itself, with its commit", unit: "µs")
    static let checkpoint = Self(
        id: "commits.checkpoint", summary: "a checkpoint after 100 changes, with its safeguards", unit: "ms")
    static let opening = Self(
        id: "commits.open", summary: "opening with a log of 10 000 nodes to read back", unit: "ms")

    static let alone = Self(id: "units.alone", summary: "a transaction over three stores", unit: "ms")
    static let together = Self(id: "units.together", summary: "transactions of 25 tasks", unit: "/s", better: .higher)
    static let plain = Self(
        id: "units.uncoordinated", summary: "the same writes without coordination", unit: "/s", better: .higher)
    static let ratio = Self(id: "units.ratio25", summary: "the first by the second", unit: "×", better: .higher)
    static let batched = Self(
        id: "units.batchable", summary: "transactions of 25 tasks, with txn.graph.insert", unit: "/s", better: .higher)

    static let snapshot = Self(
        id: "snapshots.alone", summary: "a snapshot of three stores, with a read of each", unit: "ms")
    static let readMostly = Self(
        id: "snapshots.mixed", summary: "operations of 10 tasks, nine snapshots to a transaction", unit: "/s",
        better: .higher)

    static let recovery = Self(
        id: "recovery", summary: "recovery of 10 000 decided units by graph and Redis", unit: "s")

    static func memory(_ moment: MemoryProcess.Moment) -> Self {
        let summary =
            switch moment {
            case .opened: "memory of an open database"
            case .connected: "with 50 connections that have read"
            case .written: "after writing 100 000 nodes"
            case .checkpointed: "after a checkpoint of them"
            }
        return Self(id: "memory.\(moment.rawValue)", summary: summary, unit: "MB")
    }

    /// All of them, in the order in which they are measured.
    static let all: [Self] =
        [
            pointRead, neighbours, aggregate, insertion, commit, relationship, rows, aloneCommit, checkpoint, opening,
            alone, together, plain, ratio, batched, snapshot, readMostly, recovery,
        ] + MemoryProcess.Moment.allCases.map(memory)
}
