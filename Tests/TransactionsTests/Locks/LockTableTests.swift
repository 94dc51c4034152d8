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
}
