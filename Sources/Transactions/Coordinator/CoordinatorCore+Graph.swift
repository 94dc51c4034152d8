extension CoordinatorCore {
    /// Commits the graph's part, or does it again until it is there: the decision can't be taken back.
    ///
    /// - Returns: whether it is there; false when it took longer than the unit's time.
    func commitGraph(_ unit: Unit, number: UInt64) async -> Bool {
        guard let graph = participants.graph else { return true }
        do {
            try graph.commit(number: number)
        } catch let error as GraphCommitFailed {
            // The writer's place is kept until the end, so that nobody writes any more.
            unit.open.remove(.graph)
            holdsGraph = true
            stop(TransactionError.graphFailed(number: number, error.underlying))
            return false
        } catch {
            logger.error("the graph did not commit after the decision; doing it again", metadata: ["error": "\(error)"])
            return await redo(unit, in: graph, number: number)
        }
        graphHasCommitted()
        letGraphGo(unit, graph)
        return true
    }

    private func letGraphGo(_ unit: Unit, _ graph: any GraphParticipant) {
        graph.release()
        unit.open.remove(.graph)
    }

    /// Does the graph's part again until it is there; the caller waits for it until the unit's time is over.
    private func redo(_ unit: Unit, in graph: any GraphParticipant, number: UInt64) async -> Bool {
        let left = unit.options.timeLimit - (clock.now - unit.began)
        let timer = Task {
            try await clock.sleep(for: max(.zero, left))
            answerGraphWait(unit, false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            unit.graphWait = continuation
            unit.graphRedo = Task {
                let isDone = await redoGraph(graph, unit.redo, number: number)
                letGraphGo(unit, graph)
                unit.graphRedo = nil
                // Whoever waits finishes the unit; else nobody does any more.
                if !answerGraphWait(unit, isDone) { finish(unit) }
            }
        }
    }

    @discardableResult
    private func answerGraphWait(_ unit: Unit, _ isDone: Bool) -> Bool {
        guard let wait = unit.graphWait else { return false }
        unit.graphWait = nil
        wait.resume(returning: isDone)
        return true
    }

    private func redoGraph(_ graph: any GraphParticipant, _ redo: [GraphRedo], number: UInt64) async -> Bool {
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
    fileprivate static func graphFailed(number: UInt64, _ error: any Error) -> TransactionError {
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
