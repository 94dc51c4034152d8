import Measurement

/// How long changes take from their commit until a client sees them, as a pure value.
///
/// A change of a key makes its version higher. It is announced before its COMMIT, so that nobody can see it earlier than
/// it is known here, and is seen when a read shows its version or a later one. Its lag counts from the announcement to
/// the end of that read: it is never shorter than the true one, and how much longer it may be is recorded beside it.
/// All moments are counted from the same one.
struct LagTracker: Sendable {
    /// A read that showed a key.
    struct Sighting: Hashable, Sendable {
        /// Nil where there was no key.
        var version: Int?
        /// When Redis told that the key had changed.
        var told: Duration
        /// When the read had ended.
        var read: Duration
    }

    /// A counted change whose lag is known.
    struct Seen: Hashable, Sendable {
        /// The number of the operation that has made it.
        var operation: Int
        var announced: Duration
        /// `endless` for one that nobody has seen.
        var lag: Duration
    }

    private struct Change: Sendable {
        var version: Int
        var operation: Int
        var isCounted: Bool
        var announced: Duration
        var committed: Duration?
        var sighting: Sighting?
    }

    /// By keys of Redis: changes that are not seen, or whose COMMIT has not returned.
    private var open: [String: [Change]] = [:]
    /// The highest version that was seen, by keys.
    private var highest: [String: Int] = [:]

    /// Of the counted changes; those that were given up stand in it as the longest lag there is.
    private(set) var lag = LatencyRecorder()
    /// By how much each lag may be too long, of those that were seen.
    private(set) var uncertainty = LatencyRecorder()
    /// The changes that were seen or given up since somebody took them.
    private var fresh: [Seen] = []
    /// Changes that were given up.
    private(set) var neverSeen = 0
    /// Reads that showed an older version than one before them.
    private(set) var stepsBack = 0

    /// Changes that nobody has seen yet.
    var unseen: Int { open.values.reduce(0) { $0 + $1.count { $0.sighting == nil } } }

    /// Their keys.
    var unseenKeys: [String] {
        open.filter { $0.value.contains { $0.sighting == nil } }.map(\.key).sorted()
    }

    /// A change is about to be committed.
    mutating func announce(
        _ key: String, version: Int, by operation: Int = 0, isCounted: Bool, at moment: Duration
    ) {
        open[key, default: []].append(
            Change(version: version, operation: operation, isCounted: isCounted, announced: moment))
    }

    /// Its COMMIT has returned.
    mutating func commit(_ key: String, version: Int, at moment: Duration) {
        change(key, version) { $0.committed = moment }
    }

    /// It was not committed after all.
    mutating func withdraw(_ key: String, version: Int) {
        open[key]?.removeAll { $0.version == version }
        close(key)
    }

    /// A read showed a key.
    mutating func see(_ key: String, _ sighting: Sighting) {
        guard let version = sighting.version else { return }
        if let before = highest[key], version < before { stepsBack += 1 }
        highest[key] = max(version, highest[key] ?? version)
        let changes = open[key] ?? []
        for change in changes where change.version <= version && change.sighting == nil {
            self.change(key, change.version) { $0.sighting = sighting }
        }
    }

    /// Redis may have lost what was seen there.
    mutating func forgetSightings() {
        highest = [:]
    }

    /// What nobody has seen by now is taken never to be seen.
    mutating func giveUp() {
        for change in open.values.joined() where change.sighting == nil && change.isCounted {
            neverSeen += 1
            lag.record(.endless)
            fresh.append(Seen(operation: change.operation, announced: change.announced, lag: .endless))
        }
        open = [:]
    }

    /// The changes since the call before, for whoever looks on.
    mutating func takeFresh() -> [Seen] {
        defer { fresh = [] }
        return fresh
    }

    private mutating func change(_ key: String, _ version: Int, _ body: (inout Change) -> Void) {
        guard let index = open[key]?.firstIndex(where: { $0.version == version }) else { return }
        guard var change = open[key]?[index] else { return }
        body(&change)
        guard let committed = change.committed, let sighting = change.sighting else {
            open[key]?[index] = change
            return
        }
        open[key]?.remove(at: index)
        close(key)
        guard change.isCounted else { return }
        let whole = sighting.read - change.announced
        lag.record(whole)
        fresh.append(Seen(operation: change.operation, announced: change.announced, lag: whole))
        // The commit was not later than its COMMIT's return and than the sight of it; the key was changed before Redis
        // told so, unless that speaks of an earlier change.
        let commit = min(committed, sighting.read) - change.announced
        let sight = sighting.read - max(sighting.told, change.announced)
        uncertainty.record(min(whole, commit + sight))
    }

    private mutating func close(_ key: String) {
        if open[key]?.isEmpty == true { open[key] = nil }
    }
}

extension Duration {
    /// Longer than any that is told apart: a recorder shows it as the longest that it knows.
    static let endless = Duration.seconds(Int64.max)
}
