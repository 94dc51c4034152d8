import Measurement

/// How long actions take from when they were due until a dashboard shows them, as a pure value.
///
/// An action is announced with the number of its row before its COMMIT, so that nobody can see it earlier than it is known here, and is seen when the
/// dashboard shows figures that reach to this row or a later one. A transaction that is run again announces another row, which may even be that of the
/// attempt before in another action's hands: what was seen of it before is forgotten then. All moments are counted from the same one.
struct SightTracker: Sendable {
    private struct Action: Sendable {
        var due: Duration
        var isCounted: Bool
        var row: Int
        var isCommitted = false
        var sight: Duration?
    }

    /// By the operation's number: those that aren't seen, or whose commit has not returned.
    private var open: [Int: Action] = [:]
    /// The last row that was shown.
    private(set) var shown = 0

    /// Of the counted actions; those that were given up stand in it as the longest latency there is.
    private(set) var latency = LatencyRecorder()
    private var fresh: [Duration] = []
    /// Actions that were given up.
    private(set) var neverSeen = 0
    /// Times that the dashboard went back.
    private(set) var stepsBack = 0

    /// Committed actions that nobody has seen.
    var unseen: Int { open.values.count { $0.isCommitted && $0.sight == nil } }

    mutating func announce(_ number: Int, row: Int, due: Duration, isCounted: Bool) {
        open[number] = Action(due: due, isCounted: isCounted, row: row)
    }

    /// Its transaction has returned.
    mutating func end(_ number: Int, isCommitted: Bool) {
        guard isCommitted else {
            open[number] = nil
            return
        }
        open[number]?.isCommitted = true
        close(number)
    }

    /// The dashboard shows all actions to a row.
    mutating func see(through row: Int, at moment: Duration) {
        if row < shown { stepsBack += 1 }
        shown = max(shown, row)
        for (number, action) in open where action.row <= row && action.sight == nil {
            open[number]?.sight = moment
            close(number)
        }
    }

    /// What nobody has seen by now is taken never to be seen.
    mutating func giveUp() {
        for action in open.values where action.isCommitted && action.sight == nil && action.isCounted {
            neverSeen += 1
            latency.record(.endless)
        }
        open = [:]
    }

    /// The latencies since the call before, for whoever looks on.
    mutating func takeFresh() -> [Duration] {
        defer { fresh = [] }
        return fresh
    }

    private mutating func close(_ number: Int) {
        guard let action = open[number], action.isCommitted, let sight = action.sight else { return }
        open[number] = nil
        guard action.isCounted else { return }
        latency.record(sight - action.due)
        fresh.append(sight - action.due)
    }
}
