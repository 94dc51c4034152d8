extension CoordinatorCore {
    /// Begins the graph's transaction with what the group's members did there: it has no savepoints, so whatever is taken
    /// back takes all with it.
    ///
    /// The graph's writer is held from the beginning: a unit that is ended meanwhile gives back its locks at once, and the
    /// writer only when this has noticed.
    ///
    /// - Parameters:
    ///   - id: whoever holds the graph's lock.
    ///   - unit: the unit of that id; nil for one that commits a group.
    ///   - redo: what the unit has done there itself.
    func beginGraph(as id: UnitID, _ unit: Unit?, _ redo: [GraphRedo] = []) async throws {
        guard let graph = participants.graph else { throw TransactionError.notConfigured(.graph) }
        try await graph.acquire()
        do {
            if let unit {
                try await prepareGraph(unit, graph)
                _ = try live(id)
            } else {
                try await prepareGraph(as: id, graph)
            }
            // A unit that others share a commit with will not have the number that the marker is set to.
            let isLone = units.count == 1 && approach.isEmpty
            try graph.begin(expecting: isLone ? lastNumber + 1 : nil)
            try replayGroup(graph)
            try graph.replay(redo)
        } catch {
            graph.rollback()
            graph.release()
            throw error
        }
        // Here, where nothing comes between: the unit may be ended before its task has its turn again.
        begun.insert(.graph)
        unit?.open.insert(.graph)
    }

    private func replayGroup(_ graph: any GraphParticipant) throws {
        do {
            try graph.replay(group.graphRedo)
        } catch let error as ReplayMismatch {
            failGroup(error)
            throw RunAgain()
        }
        group.unsent = []
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
