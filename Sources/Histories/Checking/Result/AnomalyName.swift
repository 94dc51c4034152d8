/// The anomalies, by the names that Adya, Elle and their readers use.
///
/// A cycle of dependencies is named by its edges: *ww*, the second transaction wrote the version after the first one's; *wr*, it read the first
/// one's version; *rw*, it wrote the version after the one that the first one read. Process and real-time edges say that the first had
/// ended before the second began, in the same process or in any.
///
/// Sources: Adya, Liskov, O'Neil, "Generalized Isolation Level Definitions" (ICDE 2000); Kingsbury, Alvaro, "Elle: Inferring Isolation
/// Anomalies from Experimental Observations" (VLDB 2020); for `G-nonadjacent` Cerone, Gotsman, "Analysing Snapshot Isolation" (PODC 2016).
package struct AnomalyName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package enum Phenomenon: String, Sendable, Hashable, CaseIterable {
        /// Something was read that nobody wrote.
        case garbageRead = "garbage-read"
        /// A list holds a value twice.
        case duplicateElements = "duplicate-elements"
        /// Two reads of a list of which neither continues the other, or one that contradicts the order in which a transaction appended to it.
        case incompatibleOrder = "incompatible-order"
        /// Within transactions each of two values was replaced by the other.
        case cyclicVersions = "cyclic-versions"
        /// A cycle of ww edges alone.
        case g0 = "G0"
        /// A read of what a failed transaction wrote.
        case g1a = "G1a"
        /// A read of what a transaction replaced later on.
        case g1b = "G1b"
        /// A cycle of ww and wr edges.
        case g1c = "G1c"
        /// A committed transaction built upon what a failed one wrote.
        case dirtyUpdate = "dirty-update"
        /// A transaction reads what it writes only later.
        case futureRead = "future-read"
        /// A transaction disagrees with its own earlier reads and writes.
        case `internal` = "internal"
        /// Two transactions read the same version of a key and both wrote the next one.
        case lostUpdate = "lost-update"
        /// A cycle with exactly one rw edge.
        case gSingle = "G-single"
        /// A cycle with two or more rw edges, never one right after the other.
        case gNonadjacent = "G-nonadjacent"
        /// A cycle with two or more rw edges, some of them adjacent: write skew.
        case g2 = "G2-item"
        /// The last read of a list doesn't have what was acknowledged before it began.
        case lostWrite = "lost-write"
    }

    /// Which order of transactions a cycle needs beside their dependencies.
    package enum Order: String, Sendable, Hashable, CaseIterable {
        case none = ""
        case process = "-process"
        case realTime = "-realtime"
    }

    package let phenomenon: Phenomenon
    package let order: Order

    package init(_ phenomenon: Phenomenon, _ order: Order = .none) {
        self.phenomenon = phenomenon
        self.order = order
    }

    package var description: String { phenomenon.rawValue + order.rawValue }

    package static func < (a: AnomalyName, b: AnomalyName) -> Bool { a.rank < b.rank }

    private var rank: Int {
        let phenomenon = Phenomenon.allCases.firstIndex(of: phenomenon) ?? 0
        let order = Order.allCases.firstIndex(of: order) ?? 0
        return order * Phenomenon.allCases.count + phenomenon
    }
}
