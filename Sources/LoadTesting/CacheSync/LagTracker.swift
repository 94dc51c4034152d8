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

    private struct Change: Sendable {
        var version: Int
        var isCounted: Bool
        var announced: Duration
        var committed: Duration?
        var sighting: Sighting?
    }

    /// Changes that are not seen, or whose COMMIT has not returned, by their keys.
    private var open: [Int: [Change]] = [:]
    /// The highest version that was seen, by keys.
    private var highest: [Int: Int] = [:]

    /// Of the counted changes; those that were given up stand in it as the longest lag there is.
    private(set) var lag = LatencyRecorder()
    /// By how much each lag may be too long, of those that were seen.
    private(set) var uncertainty = LatencyRecorder()
    /// The lags that were recorded since somebody took them.
    private var fresh: [Duration] = []
    /// Changes that were given up.
    private(set) var neverSeen = 0
    /// Reads that showed an older version than one before them.
    private(set) var stepsBack = 0

    /// Changes that nobody has seen yet.
    var unseen: Int { open.values.reduce(0) { $0 + $1.count { $0.sighting == nil } } }

    /// Their keys.
    var unseenKeys: [Int] {
        open.filter { $0.value.contains { $0.sighting == nil } }.map(\.key).sorted()
    }

    /// A change is about to be committed.
    mutating func announce(_ key: Int, version: Int, isCounted: Bool, at moment: Duration) {
        open[key, default: []].append(Change(version: version, isCounted: isCounted, announced: moment))
    }

    /// Its COMMIT has returned.
    mutating func commit(_ key: Int, version: Int, at moment: Duration) {
        change(key, version) { $0.committed = moment }
    }

    /// It was not committed after all.
    mutating func withdraw(_ key: Int, version: Int) {
        open[key]?.removeAll { $0.version == version }
        close(key)
    }

    /// A read showed a key.
    mutating func see(_ key: Int, _ sighting: Sighting) {
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
        }
        open = [:]
    }

    /// The lags since the call before, for whoever looks on.
    mutating func takeFresh() -> [Duration] {
        defer { fresh = [] }
        return fresh
    }

    private mutating func change(_ key: Int, _ version: Int, _ body: (inout Change) -> Void) {
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
        fresh.append(whole)
        // The commit was not later than its COMMIT's return and than the sight of it; the key was changed before Redis
        // told so, unless that speaks of an earlier change.
        let commit = min(committed, sighting.read) - change.announced
        let sight = sighting.read - max(sighting.told, change.announced)
        uncertainty.record(min(whole, commit + sight))
    }

    private mutating func close(_ key: Int) {
        if open[key]?.isEmpty == true { open[key] = nil }
    }
}

extension Duration {
    /// Longer than any that is told apart: a recorder shows it as the longest that it knows.
    static let endless = Duration.seconds(Int64.max)
}
