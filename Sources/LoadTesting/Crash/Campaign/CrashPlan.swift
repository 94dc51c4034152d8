import Failpoints
import Measurement

/// One round of a crash test: processes that work on the stores one after the other, each cut short somewhere; after
/// the last one the stores are recovered and checked. A round's number and the seed say all of it.
package struct CrashPlan: Sendable, Hashable {
    /// How a process ends.
    enum End: Sendable, Hashable {
        case failpoint(Failpoint, passage: Int, delay: Duration)
        /// So long after it was started: mostly while it opens the stores.
        case afterStart(Duration)
        /// So long after it had opened the stores.
        case afterOpening(Duration)
        /// By itself.
        case orderly
    }

    /// What happens to a store beside.
    enum Disaster: Sendable, Hashable {
        /// Redis is killed, and started again with what its file has.
        case killRedis
        /// Redis is killed, and comes back empty.
        case emptyRedis
        /// The graph's files are those of some rounds ago.
        case olderGraph

        /// What it is called where faults are listed.
        var name: String {
            switch self {
            case .killRedis: "kill"
            case .emptyRedis: "restart-empty"
            case .olderGraph: "put back"
            }
        }

        var store: String { self == .olderGraph ? "graph" : "redis" }
    }

    /// One process.
    struct Stage: Sendable, Hashable {
        /// How many units it runs at most; with none it only opens the stores.
        var units: Int
        var end: End
        var before: Disaster?
        var during: During?
    }

    /// A disaster while a process works, so long after it had opened the stores.
    struct During: Sendable, Hashable {
        var disaster: Disaster
        var delay: Duration
    }

    package let round: Int
    var stages: [Stage]
    /// Redis loses more than the journal holds: the last round of its stores.
    var discardsCache = false
    /// The graph's files are put aside after the round, for a later one.
    var copiesGraph = false

    /// Rounds of one set of stores; the next one begins with new ones.
    package static let roundsPerSet = 25

    static func kind(ofSet set: Int) -> CrashStores.Kind { [.kept, .withoutGraph, .kept, .trimmed][set % 4] }
}

extension CrashPlan {
    package init(round: Int, seed: UInt64) {
        let kind = Self.kind(ofSet: round / Self.roundsPerSet)
        var draw = Draw(SplitMix64(seed: seed ^ 0x9A5F).split(round), kind)
        self.round = round
        let place = round % Self.roundsPerSet
        if place == 0 {
            stages = draw.birth()
        } else if place == Self.roundsPerSet - 1, kind.isTrimmed {
            stages = draw.discard()
            discardsCache = true
        } else if kind == .kept, place == 8 || place == 16 {
            stages = draw.olderGraph()
        } else {
            stages = draw.ordinary(Self.point(for: round, seed, kind))
        }
        copiesGraph = kind == .kept && (place == 4 || place == 12)
    }

    /// For one failpoint: what makes a process pass it, and end there.
    package init(round: Int, at point: Failpoint, kind: CrashStores.Kind, seed: UInt64) {
        var draw = Draw(SplitMix64(seed: seed ^ 0x9A5F).split(round), kind)
        self.round = round
        stages = draw.recipe(for: point, passage: 1)
        discardsCache = point == .discarded
    }

    /// Work that nothing disturbs.
    package init(round: Int, working units: Int) {
        self.round = round
        stages = [Stage(units: units, end: .orderly)]
    }

    /// All that can be passed come up, each as often as any other, in an order that the seed gives.
    private static func point(for round: Int, _ seed: UInt64, _ kind: CrashStores.Kind) -> Failpoint {
        let points = Failpoint.allCases.filter { isOrdinary($0, kind) }
        var random = SplitMix64(seed: seed).split(round / points.count)
        return points.shuffled(using: &random)[round % points.count]
    }

    /// Whether it can be passed on stores that have been used before, without anything being lost for good.
    private static func isOrdinary(_ point: Failpoint, _ kind: CrashStores.Kind) -> Bool {
        switch point {
        case .adoptTable, .adoptGraph, .discarded: false
        case .takeOverReset, .lossBefore, .lossReset: kind == .kept
        case .trimBefore, .trimAfter: kind.isTrimmed
        case .checkpointMarkers, .checkpointBefore, .checkpointCopied, .checkpointMade, .checkpointAfter,
            .restoreCopied,
            .restoreOpened:
            kind == .trimmed
        case .graphBefore, .graphMarked, .graphAfter, .replayBefore, .replayDone, .replayAfter: kind.hasGraph
        default: true
        }
    }
}

/// Draws the parts of a plan.
private struct Draw {
    private var random: SplitMix64
    private let kind: CrashStores.Kind

    init(_ random: SplitMix64, _ kind: CrashStores.Kind) {
        self.random = random
        self.kind = kind
    }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    private mutating func microseconds(_ limit: Int) -> Duration { .microseconds(below(limit)) }

    private mutating func at(_ point: Failpoint, passage: Int) -> CrashPlan.End {
        .failpoint(point, passage: passage, delay: chance(25) ? .microseconds(50 + below(1_500)) : .zero)
    }

    /// On new stores, which are cut short while they are made.
    mutating func birth() -> [CrashPlan.Stage] {
        var points: [Failpoint] = [.takeOverReset, .openEpoch, .openStores, .takeOverBefore]
        if kind.hasGraph { points += [.adoptTable, .adoptGraph, .adoptTable, .adoptGraph] }
        return [
            opening(at: points[below(points.count)]), .init(units: 0, end: .afterStart(microseconds(80_000))), work(),
        ]
    }

    mutating func discard() -> [CrashPlan.Stage] {
        var stages = [opening(at: [.discarded, .takeOverReset, .discarded, .redisQueued][below(4)])]
        stages[0].before = .emptyRedis
        if chance(50) { stages.append(opening(at: .takeOverReset)) }
        return stages
    }

    /// Much to be done again.
    mutating func olderGraph() -> [CrashPlan.Stage] {
        var stages = [opening(at: [.replayBefore, .replayDone, .replayAfter, .graphMarked, .graphAfter][below(5)])]
        stages[0].before = .olderGraph
        return stages + [chance(50) ? work() : opening(at: .replayAfter)]
    }

    mutating func ordinary(_ point: Failpoint) -> [CrashPlan.Stage] {
        var stages: [CrashPlan.Stage]
        switch below(10) {
        case 0...6:
            stages = recipe(for: point, passage: nil)
        case 7, 8:
            stages = [.init(units: 200, end: .afterOpening(microseconds(50_000)))]
        default:
            stages = [.init(units: 200, end: .afterStart(microseconds(120_000)))]
        }
        // Recovery itself is cut short, again and again, and work goes on upon what nobody has looked at.
        while chance(25) {
            stages.append(
                chance(60)
                    ? opening(at: openingPoints[below(openingPoints.count)])
                    : .init(units: 0, end: .afterStart(microseconds(80_000))))
        }
        if chance(20) { stages.append(work()) }
        for index in stages.indices where stages[index].before == nil && chance(8) { stages[index].before = .killRedis }
        for index in stages.indices where stages[index].units > 10 && stages[index].during == nil && chance(8) {
            stages[index].during = .init(disaster: .killRedis, delay: microseconds(25_000))
        }
        return stages
    }

    private var openingPoints: [Failpoint] {
        [.openLocked, .openStores, .openEpoch, .takeOverBefore, .takeOverAfter, .redisQueued, .openDone]
            + (kind.hasGraph ? [.replayBefore, .replayDone, .replayAfter] : [])
    }

    private mutating func opening(at point: Failpoint) -> CrashPlan.Stage {
        .init(units: 0, end: at(point, passage: 1))
    }

    private mutating func work() -> CrashPlan.Stage {
        var points: [Failpoint] = [
            .groupPassed, .groupClosing, .journalBefore, .journalAfter, .decisionAfter, .redisBefore, .redisAfter,
            .redisConfirmed, .receipt,
        ]
        if kind.hasGraph { points += [.graphBefore, .graphMarked, .graphAfter] }
        return .init(units: 60, end: at(points[below(points.count)], passage: 1 + below(8)))
    }

    /// The stages that lead a process to a failpoint.
    ///
    /// - Parameter passage: the passage at which it ends; nil for any that is likely to come.
    mutating func recipe(for point: Failpoint, passage: Int?) -> [CrashPlan.Stage] {
        switch point {
        case .rollbackBefore, .rollbackAfter, .savepointRecords, .savepointGraph, .trimBefore, .trimAfter:
            return [.init(units: 120, end: at(point, passage: passage ?? 1 + below(3)))]
        case .checkpointMarkers, .checkpointBefore, .checkpointCopied, .checkpointMade, .checkpointAfter:
            // One every 20 units that change the graph.
            return [.init(units: 200, end: at(point, passage: passage ?? 1 + below(3)))]
        case .lossBefore, .lossReset:
            return [
                .init(
                    units: 400, end: at(point, passage: 1),
                    during: .init(disaster: .emptyRedis, delay: microseconds(5_000)))
            ]
        case .replayBefore, .replayDone, .replayAfter:
            // The first process leaves the graph behind SQLite.
            return [
                .init(units: 60, end: .failpoint(.graphBefore, passage: 1 + below(5), delay: .zero)),
                opening(at: point),
            ]
        case .restoreCopied, .restoreOpened:
            // The first process leaves its copy, in the midst of the checkpoint or after it.
            return [.init(units: 200, end: at(.checkpointCopied, passage: 1)), opening(at: point)]
        case .redisQueued:
            return [
                .init(units: 60, end: .failpoint(.redisBefore, passage: 1 + below(5), delay: .zero)),
                opening(at: point),
            ]
        case .takeOverReset, .discarded:
            var stage = opening(at: point)
            stage.before = .emptyRedis
            return [stage]
        case .openLocked, .openStores, .openEpoch, .adoptTable, .adoptGraph, .takeOverBefore, .takeOverAfter, .openDone:
            return passage == nil ? [work(), opening(at: point)] : [opening(at: point)]
        case .closeIdle:
            return [.init(units: 8, end: at(point, passage: 1))]
        case .groupPassed:
            // Only where units wait for each other.
            return [.init(units: 120, end: at(point, passage: passage ?? 1 + below(5)))]
        case .groupClosing, .journalBefore, .journalAfter, .decisionAfter, .graphBefore, .graphMarked, .graphAfter,
            .redisBefore, .redisAfter, .redisConfirmed, .receipt:
            return [.init(units: 60, end: at(point, passage: passage ?? 1 + below(10)))]
        }
    }
}

extension CrashPlan.Stage: CustomStringConvertible {
    package var description: String {
        var text = units == 0 ? "opens" : "\(units) units"
        switch end {
        case .failpoint(let point, let passage, let delay):
            text += ", killed at \(point.rawValue), passage \(passage)"
            if delay > .zero { text += ", \(delay) later" }
        case .afterStart(let delay): text += ", killed \(delay) after its start"
        case .afterOpening(let delay): text += ", killed \(delay) after opening"
        case .orderly: text += ", ends by itself"
        }
        if let before { text = "\(before), then \(text)" }
        if let during { text += "; \(during.disaster) \(during.delay) after opening" }
        return text
    }
}

extension CrashPlan: CustomStringConvertible {
    package var description: String { stages.map(\.description).joined(separator: " | ") }
}
