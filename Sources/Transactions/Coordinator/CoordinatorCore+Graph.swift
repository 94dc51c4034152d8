extension CoordinatorCore {
    /// Begins the graph's transaction again, with what the group's members did there, since it has no savepoints.
    ///
    /// - Parameters:
    ///   - id: in whose name it is put in order first, if need be.
    ///   - redo: of the unit that goes on there.
    func rebuildGraph(as id: UnitID, _ redo: [GraphRedo] = []) async throws {
        guard let graph = participants.graph else { return }
        let (generation, isShared) = (group.generation, group.usesGraph)
        graph.rollback()
        group.isGraphStale = isShared
        if let unit = units[id], unit.isRunning {
            try await prepareGraph(unit, graph)
            _ = try live(id)
        } else {
            try await prepareGraph(as: id, graph)
        }
        guard !isShared || group.generation == generation else { throw RunAgain() }
        try graph.begin(expecting: group.isEmpty ? lastNumber + 1 : nil)
        do {
            try graph.replay(group.graphRedo)
        } catch let error as ReplayMismatch {
            failGroup(error)
            throw RunAgain()
        }
        group.isGraphStale = false
        group.unsent = []
        try graph.replay(redo)
    }

    /// Does what decided units did in the graph again until it is there.
    ///
    /// - Returns: false if the coordinator has stopped before.
    func redo(_ redo: [GraphRedo], in graph: any GraphParticipant, number: UInt64) async -> Bool {
        var pause = configuration.firstPause
        while true {
            if case .stopped = phase { return false }
            counters.graphRedone += 1
            do {
                graph.rollback()
                _ = try await graph.prepareToBegin()
                if try graph.marker() >= number { return true }
                try graph.begin(expecting: nil)
                try graph.replay(redo)
                try graph.commit(number: number)
                return true
            } catch let error as GraphCommitFailed {
                stop(TransactionError.graphFailed(number: number, error.underlying))
            } catch let error as ReplayMismatch {
                graph.rollback()
                stop(error)
            } catch {
                logger.error("the graph is behind SQLite", metadata: ["number": "\(number)", "error": "\(error)"])
                try? await clock.sleep(for: pause)
                pause = min(pause * 2, configuration.longestPause)
            }
        }
    }
}

extension TransactionError {
    static func graphFailed(number: UInt64, _ error: any Error) -> TransactionError {
        TransactionError(
            .storeFailed,
            "the graph failed within the commit of transaction \(number), which SQLite has decided, so nothing more can be written to it as it is open now",
            remedy:
                "See what the graph says (a full disk?), then close the coordinator and its pools, and open them again: that does the transaction again.",
            underlying: error)
    }
}

/// A statement that was run again did something else than before.
struct ReplayMismatch: Error, CustomStringConvertible {
    var statement: String
    var expected: ResultDigest
    var found: ResultDigest

    var description: String {
        """
        The statement did something else when it was run again (\(found.rows) rows instead of \(expected.rows), or other values), so the graph can't be brought to the \
        decided state by itself: \(statement). Make the statement depend on its parameters only.
        """
    }
}
