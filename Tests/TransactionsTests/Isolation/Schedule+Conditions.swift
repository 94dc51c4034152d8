@testable import Transactions

/// Interleavings of reads and writes by condition. Each says whether its anomaly was seen.
extension Schedule {
    func phantom() async throws -> Bool {
        try await t1.readIDs(in: places, as: "first") { $0 == 30 }
        try await t2.write(Cell(two.place, 3), 30)
        try await t2.commit()
        try await t1.readIDs(in: places, as: "second") { $0.isMultiple(of: 3) }
        let committed = try await commitAll()
        return committed.t1 && committed.t2 && t1.seen("first") != t1.seen("second")
    }

    func phantomWrite() async throws -> Bool {
        let (one, two, places) = (one, two, places)
        try await t1.then { txn in
            try await one.add(10, in: txn)
            try await two.add(10, in: txn)
        }
        try await t2.then { txn in
            for place in places {
                for (id, value) in try await place.all(in: txn) where value == 20 {
                    try await place.delete(id, in: txn)
                }
            }
        }
        let committed = try await commitAll()
        guard committed.t1, committed.t2 else { return false }
        let rows = try await rows()
        // t1 and then t2, or t2 and then t1, which begins with nothing where t2 has deleted.
        return rows != [2: 30] && rows != [1: 20, 2: 10]
    }

    func predicateReadSkew() async throws -> Bool {
        try await t1.readIDs(in: places, as: "fives") { $0.isMultiple(of: 5) }
        try await t2.write(one, 12)
        try await t2.commit()
        try await t1.readIDs(in: places, as: "threes") { $0.isMultiple(of: 3) }
        let committed = try await commitAll()
        return committed.t1 && committed.t2 && t1.seen("fives").sorted() == [1, 2] && !t1.seen("threes").isEmpty
    }

    func predicateWriteSkew() async throws -> Bool {
        for client in [t1, t2] { try await client.readIDs(in: places, as: "threes") { $0.isMultiple(of: 3) } }
        try await t1.write(Cell(one.place, 3), 30)
        try await t2.write(Cell(two.place, 4), 42)
        let committed = try await commitAll()
        return committed.t1 && committed.t2 && t1.seen("threes").isEmpty && t2.seen("threes").isEmpty
    }
}
