import Testing

@testable import Histories

/// A history that contains an anomaly, and the same one without it.
struct Example: Sendable, CustomTestStringConvertible {
    let found: Set<String>
    let history: History
    let healthy: History

    init(_ found: String..., in history: History, notIn healthy: History) {
        self.found = Set(found)
        self.history = history
        self.healthy = healthy
    }

    var testDescription: String { found.sorted().joined(separator: ", ") }
}

@Suite("Histories: anomalies are found under their names (verification of I3)")
struct AnomalyTests {
    @Test("lists", arguments: listExamples)
    func lists(_ example: Example) {
        #expect(anomalies(in: example.history) == example.found)
        #expect(anomalies(in: example.healthy) == [])
    }

    @Test("lists, in real time and within a process", arguments: orderExamples)
    func orders(_ example: Example) {
        #expect(anomalies(in: example.history) == example.found)
        #expect(anomalies(in: example.healthy) == [])
    }

    @Test("registers", arguments: registerExamples)
    func registers(_ example: Example) {
        #expect(anomalies(in: example.history) == example.found)
        #expect(anomalies(in: example.healthy) == [])
    }

    static let listExamples: [Example] = [
        Example(
            "G0", in: Story.concurrent("ax1 ay1", "ax2 ay2", then: "rx12 ry21"),
            notIn: Story.concurrent("ax1 ay1", "ax2 ay2", then: "rx12 ry12")),
        Example(
            "G0", in: Story.concurrent("ax1 ax3", "ax2", then: "rx123"),
            notIn: Story.concurrent("ax1 ax3", "ax2", then: "rx132")),
        Example("G1a", in: Story.inTurn("!ax1", "rx1"), notIn: Story.inTurn("!ax1", "rx")),
        Example(
            "G1a", "dirty-update", in: Story.inTurn("!ax1", "ax2", "rx12"), notIn: Story.inTurn("!ax1", "ax2", "rx2")),
        Example(
            "G1b", "G-single", in: Story.concurrent("ax1 ax2", "rx1", then: "rx12"),
            notIn: Story.concurrent("ax1 ax2", "rx", then: "rx12")),
        Example(
            "G1c", in: Story.concurrent("ax1 ry1", "ay1 rx1"), notIn: Story.concurrent("ax1 ry", "ay1 rx1")),
        Example(
            "G-single", in: Story.concurrent("rx ry1", "ax1 ay1"), notIn: Story.concurrent("rx1 ry1", "ax1 ay1")),
        Example(
            "G-nonadjacent", in: Story.concurrent("rx rv1", "ax1 ay1", "ry1 rz", "az1 av1"),
            notIn: Story.concurrent("rx1 rv1", "ax1 ay1", "ry1 rz", "az1 av1")),
        Example(
            "G2-item", in: Story.concurrent("rx ay1", "ry ax1"), notIn: Story.concurrent("rx ay1", "ry1 ax1")),
        Example(
            "G2-item", in: Story.concurrent("rx ay1", "ry az1", "rz ax1", then: "rx1 ry1 rz1"),
            notIn: Story.concurrent("rx ay1", "ry az1", "rz1 ax1", then: "rx1 ry1 rz1")),
        Example("internal", in: Story.inTurn("ax1", "rx1 ax2 rx1"), notIn: Story.inTurn("ax1", "rx1 ax2 rx12")),
        Example("internal", in: Story.concurrent("ax1", "ax2 rx"), notIn: Story.concurrent("ax1", "ax2 rx2")),
        Example("future-read", in: Story.inTurn("rx1 ax1"), notIn: Story.inTurn("rx ax1")),
        Example(
            "internal", "G-single", in: Story.concurrent("ax1", "rx rx1"), notIn: Story.concurrent("ax1", "rx1 rx1")),
        Example(
            "incompatible-order", in: Story.concurrent("ax1", "ax2", "rx12", "rx21"),
            notIn: Story.concurrent("ax1", "ax2", "rx12", "rx12")),
        Example(
            "incompatible-order", "G1b", in: Story.inTurn("ax1 ax2", "rx21"), notIn: Story.inTurn("ax1 ax2", "rx12")),
        Example(
            "incompatible-order", "G-single", in: Story.inTurn("?ax1 ax2", "rx2"),
            notIn: Story.inTurn("?ax1 ax2", "rx12")),
        Example("duplicate-elements", in: Story.inTurn("ax1", "rx11"), notIn: Story.inTurn("ax1", "rx1")),
        Example("garbage-read", in: Story.inTurn("ax1", "rx17"), notIn: Story.inTurn("ax1", "rx1")),
        Example(
            "lost-update", "G-single", in: Story.concurrent("rx ax1", "rx ax2", then: "rx12"),
            notIn: Story.concurrent("rx ax1", "rx1 ax2", then: "rx12")),
        // Nobody read afterwards: either wrote over the other one, but which did is not known.
        Example(
            "lost-update", "G2-item", in: Story.concurrent("rx ax1", "rx ax2"),
            notIn: Story.concurrent("rx ax1", "rx1 ax2")),
        // A transaction in doubt was seen in one store, so the other store should have it too.
        Example(
            "G-single", in: Story.concurrent("?ax1 ay1", "rx1 ry"), notIn: Story.concurrent("?ax1 ay1", "rx1 ry1")),
    ]

    static let orderExamples: [Example] = [
        Example("G0-realtime", in: Story.inTurn("ax1", "ax2", "rx21"), notIn: Story.inTurn("ax1", "ax2", "rx12")),
        Example(
            "G0-process", in: Story.inOneProcess("ax1", "ax2", "rx21"),
            notIn: Story.inOneProcess("ax1", "ax2", "rx12")),
        Example("G1c-realtime", in: Story.inTurn("rx1", "ax1"), notIn: Story.inTurn("ax1", "rx1")),
        Example("G1c-process", in: Story.inOneProcess("rx1", "ax1"), notIn: Story.inOneProcess("ax1", "rx1")),
        Example(
            "G-single-realtime", in: Story.inTurn("ax1", "rx", "rx1"), notIn: Story.inTurn("ax1", "rx1", "rx1")),
        Example(
            "G-single-process", in: Story.inOneProcess("ax1", "rx", "rx1"),
            notIn: Story.inOneProcess("ax1", "rx1", "rx1")),
        Example(
            "G-single-realtime", "lost-write", in: Story.inTurn("ax1 ay1", "ry1", "rx"),
            notIn: Story.inTurn("ax1 ay1", "ry1", "rx1")),
        Example("G-nonadjacent-realtime", in: nonadjacent("rx rv1"), notIn: nonadjacent("rx1 rv1")),
        Example("G2-item-realtime", in: skew("rx", process: 1), notIn: skew("rx1", process: 1)),
        Example("G2-item-process", in: skew("rx", process: 0), notIn: skew("rx1", process: 0)),
    ]

    static let registerExamples: [Example] = [
        Example("garbage-read", in: Story.inTurn("wx1", "gx2"), notIn: Story.inTurn("wx1", "gx1")),
        Example("G1a", in: Story.inTurn("!wx1", "gx1"), notIn: Story.inTurn("!wx1", "gx_")),
        Example("G1b", "G-single", in: Story.concurrent("wx1 wx2", "gx1"), notIn: Story.concurrent("wx1 wx2", "gx2")),
        Example("G1c", in: Story.concurrent("wx1 gy1", "wy1 gx1"), notIn: Story.concurrent("wx1 gy_", "wy1 gx1")),
        Example("internal", in: Story.concurrent("wx1", "wx2 gx1"), notIn: Story.concurrent("wx1", "wx2 gx2")),
        Example("future-read", in: Story.inTurn("gx1 wx1"), notIn: Story.inTurn("gx_ wx1")),
        Example(
            "G-single", in: Story.concurrent("gx_ gy1", "wx1 wy1"), notIn: Story.concurrent("gx1 gy1", "wx1 wy1")),
        Example("G2-item", in: Story.concurrent("gx_ wy1", "gy_ wx1"), notIn: Story.concurrent("gx_ wy1", "gy1 wx1")),
        Example(
            "lost-update", "G2-item", in: Story.concurrent("gx_ wx1", "gx_ wx2"),
            notIn: Story.concurrent("gx_ wx1", "gx1 wx2")),
        Example(
            "cyclic-versions", "G1c", in: Story.concurrent("gx2 wx1", "gx1 wx2"),
            notIn: Story.concurrent("gx2 wx1", "gx_ wx2")),
        // The version that is read is older: it was read before the one that replaced it was written.
        Example(
            "G-single", in: Story.concurrent("wx1", "gx1 wx2 wy1", "gy1 gx1"),
            notIn: Story.concurrent("wx1", "gx1 wx2 wy1", "gy1 gx2")),
        Example(
            "G-single-realtime", in: Story.inTurn("wx1", "wx2", "gx1"), notIn: Story.inTurn("wx1", "wx2", "gx2")),
        Example(
            "G-single-process", in: Story.inOneProcess("gx_ wx1", "gx_"),
            notIn: Story.inOneProcess("gx_ wx1", "gx1")),
        // The writers ran at the same time; the reads went back and forth.
        Example(
            "G0-realtime", "G-single-realtime", "G-nonadjacent-realtime",
            in: Story.concurrent("wx1", "wx2", then: "gx1", "gx2", "gx1"),
            notIn: Story.concurrent("wx1", "wx2", then: "gx2", "gx2", "gx2")),
    ]

    /// The transaction given is concurrent with all others, of which the third began after the second had ended.
    static func nonadjacent(_ first: String) -> History {
        Story.told { story in
            let (a, b, d) = (story.begin(first), story.begin("ax1"), story.begin("ay1 av1"))
            story.end(b)
            let c = story.begin("ry")
            for process in [a, c, d] { story.end(process) }
        }
    }

    /// The transaction given began after another one had ended; a third one is concurrent with both.
    static func skew(_ last: String, process: Int) -> History {
        Story.told { story in
            let middle = story.begin("ax1 ry", process: 2)
            story.end(story.begin("ay1", process: 0))
            let last = story.begin(last, process: process)
            story.end(middle)
            story.end(last)
        }
    }
}
