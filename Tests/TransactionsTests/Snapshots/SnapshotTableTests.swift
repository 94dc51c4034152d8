import Measurement
import Testing

@testable import Transactions

/// Who may open, and who may commit, in orders that a seed chooses.
@Suite struct SnapshotTableTests {
    @Test("A snapshot that comes during a commit opens after it, at its number (I3)")
    func afterCommit() {
        var table = SnapshotTable(number: 7)
        let unit = UnitID(rawValue: 1)
        let isAlone = table.requestCommit(unit)
        #expect(isAlone)
        let (id, isIn) = table.begin()
        #expect(!isIn && table.open[id] == nil)
        let entering = table.endCommit(unit, at: 8)
        #expect(entering == [id])
        #expect(table.open[id] == 8)
    }

    @Test("A commit waits for a snapshot that is about to open, and goes before those that come later (I3, I7)")
    func commitWaits() {
        var table = SnapshotTable(number: 7)
        let unit = UnitID(rawValue: 1)
        let first = table.begin().id
        let commitsAtOnce = table.requestCommit(unit)
        #expect(!commitsAtOnce && table.isWaiting(unit))
        let second = table.begin()
        #expect(!second.isIn)
        // Its end does not mean that its readers have begun.
        let ends = table.end(first)
        #expect(ends && table.isWaiting(unit))
        let wakes = table.isOpen(first)
        #expect(wakes)
        #expect(!table.isWaiting(unit) && table.isCommitting(unit))
        let entering = table.endCommit(unit, at: 7)
        #expect(entering == [second.id])
        #expect(table.open[second.id] == 7)
    }

    @Test("A unit that ends while it waits to commit lets snapshots in again (I7)")
    func unitEnds() {
        var table = SnapshotTable(number: 7)
        let unit = UnitID(rawValue: 1)
        let first = table.begin().id
        let commitsAtOnce = table.requestCommit(unit)
        #expect(!commitsAtOnce)
        let second = table.begin().id
        let byAnother = table.endCommit(UnitID(rawValue: 2), at: 9)
        #expect(byAnother.isEmpty)
        let entering = table.endCommit(unit, at: 7)
        #expect(entering == [second])
        let wakes = table.isOpen(first)
        #expect(!wakes)
        let isNextAtOnce = table.requestCommit(UnitID(rawValue: 3))
        #expect(!isNextAtOnce, "the second one has not begun")
    }

    @Test(
        "Whose readers show the last number already opens beside a commit, before it, if what Redis held is kept (I3)")
    func besideCommit() {
        var table = SnapshotTable(number: 7)
        let unit = UnitID(rawValue: 1)
        let alone = table.begin(at: 7)
        #expect(alone != nil && table.oldest == 7)
        let older = table.begin(at: 6)
        #expect(older == nil)
        let isAlone = table.requestCommit(unit)
        #expect(isAlone, "its readers have begun")
        let ends = alone.map { table.end($0) }
        #expect(ends == true && table.oldest == 7, "another one may come")
        let beside = table.begin(at: 7)
        #expect(beside != nil)
        _ = table.endCommit(unit, at: 8)
        #expect(table.oldest == 7 && table.oldestNeeded == 7)
        let late = table.begin(at: 7)
        #expect(late == nil)
        _ = beside.map { table.end($0) }
        #expect(table.oldest == nil)
        let isUnread = table.requestCommit(UnitID(rawValue: 2))
        let unkept = table.begin(at: 8)
        #expect(isUnread && unkept == nil, "what Redis held is not kept")
    }

    @Test("I3, I7: no snapshot opens within a commit, none is forgotten, numbers never go back, in 2 000 orders")
    func random() {
        for seed in 0..<2_000 {
            if let wrong = run(UInt64(seed)) {
                Issue.record("seed \(seed): \(wrong)")
                return
            }
        }
    }

    private func run(_ seed: UInt64) -> String? {
        var random = SplitMix64(seed: seed)
        var table = SnapshotTable(number: 0)
        var number: UInt64 = 0
        var lastUnit: UInt64 = 0
        var unit: UnitID?
        var isCommitting = false
        var isRead = false
        // Snapshots by what has become of them.
        var waiting: [SnapshotID] = []
        var opening: Set<SnapshotID> = []
        var open: [SnapshotID: UInt64] = [:]
        for _ in 0..<60 {
            switch Int.random(in: 0...7, using: &random) {
            case 0, 1:
                let (id, isIn) = table.begin()
                if isIn != (unit == nil) { return "\(id) was let in: \(isIn)" }
                if isIn {
                    opening.insert(id)
                    open[id] = number
                } else {
                    waiting.append(id)
                }
            case 2:
                guard let id = opening.sorted().randomElement(using: &random) else { continue }
                opening.remove(id)
                let wakes = table.isOpen(id)
                let isDue = unit != nil && !isCommitting && opening.isEmpty
                if wakes != isDue { return "the commit was let in: \(wakes)" }
                if wakes { isCommitting = true }
            case 3:
                guard let id = open.keys.sorted().randomElement(using: &random) else { continue }
                open[id] = nil
                if !table.end(id) { return "\(id) had ended before" }
                if table.end(id) { return "\(id) ended twice" }
            case 4:
                guard unit == nil else { continue }
                lastUnit += 1
                unit = UnitID(rawValue: lastUnit)
                isCommitting = table.requestCommit(UnitID(rawValue: lastUnit))
                if isCommitting != opening.isEmpty { return "the commit was let in: \(isCommitting)" }
                isRead = !open.isEmpty
            case 5:
                guard let ending = unit else { continue }
                if isCommitting { number += 1 }
                let entering = table.endCommit(ending, at: number)
                if entering != waiting { return "\(entering) were let in, and \(waiting) waited" }
                for id in entering {
                    opening.insert(id)
                    open[id] = number
                }
                (unit, isCommitting, waiting) = (nil, false, [])
            case 6:
                let wanted = number - (number > 0 && Bool.random(using: &random) ? 1 : 0)
                let id = table.begin(at: wanted)
                if (id != nil) != (wanted == number && (unit == nil || isRead)) {
                    return "beside a commit: \(id != nil)"
                }
                if let id { open[id] = number }
            default:
                guard let id = waiting.randomElement(using: &random) else { continue }
                waiting.removeAll { $0 == id }
                if !table.withdraw(id) { return "\(id) did not wait" }
            }
            if table.open != open { return "open: \(table.open), and should be \(open)" }
            if table.number != number { return "the number is \(table.number)" }
            if table.oldestNeeded != (open.values.min() ?? number) { return "the oldest is \(table.oldestNeeded)" }
        }
        return nil
    }
}
