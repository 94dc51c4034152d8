import Measurement
import Testing

@testable import Histories

@Suite("Histories: the checker agrees with trying all orders")
struct BruteForceTests {
    @Test("serializable and strictly serializable: 10 000 tiny histories")
    func serial() {
        var random = SplitMix64(seed: 4)
        var counts: [String: Int] = [:]
        for number in 0..<10_000 {
            let history = DrawnHistory.lists(&random, transactions: 2 + number % 4)
            let verdict = HistoryChecker().check(history)
            let orders = SerialOrders(history)
            let serial = orders.exists(inRealTime: false)
            let strict = orders.exists(inRealTime: true)
            #expect(verdict.violates(.serializable) == !serial, "\(Self.tell(history, verdict))")
            #expect(verdict.violates(.strictSerializable) == !strict, "\(Self.tell(history, verdict))")
            counts[strict ? "strict" : serial ? "serial" : "not", default: 0] += 1
        }
        #expect(counts.values.allSatisfy { $0 > 500 } && counts.count == 3, "each kind is there: \(counts)")
    }

    @Test("snapshot isolation: 10 000 tiny histories")
    func snapshots() {
        var random = SplitMix64(seed: 5)
        var counts: [String: Int] = [:]
        for number in 0..<10_000 {
            let history = DrawnHistory.lists(&random, transactions: 2 + number % 3)
            let verdict = HistoryChecker().check(history)
            let exists = SerialOrders(history).snapshotsExist()
            if verdict.violates(.snapshotIsolation) {
                #expect(!exists, "\(Self.tell(history, verdict))")
            } else if !exists {
                // Which of two appends that nobody saw came first decides, and that is not known.
                #expect(Self.unseenAppends(history) > 1, "\(Self.tell(history, verdict))")
            }
            counts[exists ? verdict.violates(.serializable) ? "skew" : "serial" : "not", default: 0] += 1
        }
        #expect(counts.values.allSatisfy { $0 > 50 } && counts.count == 3, "each kind is there: \(counts)")
    }

    @Test("registers: what is said to be violated is, in 10 000 tiny histories")
    func registers() {
        var random = SplitMix64(seed: 6)
        var violated: [ConsistencyModel: Int] = [:]
        var missed: [ConsistencyModel: Int] = [:]
        for number in 0..<10_000 {
            let history = DrawnHistory.registers(&random, transactions: 2 + number % 3)
            let verdict = HistoryChecker().check(history)
            let orders = SerialOrders(history)
            let exists: [(ConsistencyModel, Bool)] = [
                (.snapshotIsolation, orders.snapshotsExist()), (.serializable, orders.exists(inRealTime: false)),
                (.strictSerializable, orders.exists(inRealTime: true)),
            ]
            for (model, exists) in exists where verdict.violates(model) || !exists {
                #expect(!exists, "\(Self.tell(history, verdict))")
                if verdict.violates(model) { violated[model, default: 0] += 1 } else { missed[model, default: 0] += 1 }
            }
        }
        for model in violated.keys {
            #expect(
                violated[model, default: 0] > 3 * missed[model, default: 0],
                "most is found: \(violated), missed \(missed)")
        }
        #expect(violated.count == 3)
    }

    private static func tell(_ history: History, _ verdict: HistoryVerdict) -> String {
        history.operations.map(\.edn).joined(separator: "\n") + "\n\(verdict)"
    }

    /// The most appends to one key that are in no read.
    private static func unseenAppends(_ history: History) -> Int {
        var unseen: [String: Set<Int>] = [:]
        for step in history.operations.filter({ $0.kind == .ok || $0.kind == .info }).flatMap(\.value) {
            if case .append(let key, let value) = step { unseen[key, default: []].insert(value) }
        }
        for step in history.operations.filter({ $0.kind == .ok }).flatMap(\.value) {
            if case .read(let key, .list(let values)) = step { unseen[key, default: []].subtract(values) }
        }
        return unseen.values.map(\.count).max() ?? 0
    }
}
