import Testing

@testable import Transactions

@Suite struct LockTableTests {
    @Test("T4: one lock is given back before the others, to whoever waits for it") func releaseOne() {
        var table = LockTable()
        let (a, b) = (UnitID(rawValue: 1), UnitID(rawValue: 2))
        func request(_ name: LockName, _ mode: LockMode, _ unit: UnitID) -> LockTable.Outcome {
            table.request(name, mode, for: unit, work: { _ in 0 })
        }
        #expect(request(.graphViews, .shared, a) == .granted)
        #expect(request(.store(.sqlite), .exclusive, a) == .granted)
        #expect(request(.graphViews, .exclusive, b) == .waiting)
        #expect(table.release(.graphViews, of: a) == [b])
        #expect(table.mode(of: .graphViews, for: b) == .exclusive)
        #expect(table.mode(of: .store(.sqlite), for: a) == .exclusive)
        // It has nothing to give back any more.
        #expect(table.release(.graphViews, of: a).isEmpty)
        #expect(table.release(a).isEmpty && table.release(b).isEmpty)
        #expect(table.isEmpty)
    }

    @Test("I7: a lock is given by priority, and nobody is overtaken more often than is said") func priorities() {
        var table = LockTable(mostOvertaken: 2)
        func unit(_ number: UInt64) -> UnitID { UnitID(rawValue: number) }
        func ask(_ number: UInt64, _ priority: TransactionPriority, _ mode: LockMode = .exclusive) -> LockTable.Outcome
        {
            table.request(.store(.sqlite), mode, for: unit(number), priority: priority, work: { _ in 0 })
        }
        #expect(ask(1, .normal) == .granted)
        let waiting: [(UInt64, TransactionPriority)] = [(2, .background), (3, .normal), (4, .high), (5, .high)]
        for (number, priority) in waiting {
            #expect(ask(number, priority) == .waiting)
        }
        // The background's has let two go before it, and the one in between as many.
        var order: [UnitID] = []
        for number in UInt64(1)...5 {
            order += table.release(order.last ?? unit(number))
        }
        #expect(order == [4, 3, 2, 5].map(unit))
        #expect(table.isEmpty)
        // Whoever shares with those who have it does not wait for those that come after it.
        #expect(ask(1, .normal, .shared) == .granted && ask(2, .normal) == .waiting)
        #expect(ask(3, .high, .shared) == .granted)
        #expect(table.release(unit(1)).isEmpty && table.release(unit(3)) == [unit(2)])
    }
}
