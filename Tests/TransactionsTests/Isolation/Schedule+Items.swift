import Testing

@testable import Transactions

/// Interleavings of reads and writes of single rows. Each says whether its anomaly was seen.
extension Schedule {
    func dirtyWrite() async throws -> Bool {
        try await t1.write(one, 11)
        try await t2.write(one, 12)
        try await t1.write(two, 21)
        try await t1.commit()
        try await t2.write(two, 22)
        let ended = try await commitAll()
        let rows = try await rows()
        if !ended.t1 && !ended.t2 {
            let outcomes = (await t1.outcome, await t2.outcome)
            Issue.record("neither has committed: \(outcomes), rows \(rows)")
        }
        return rows != [1: 11, 2: 21] && rows != [1: 12, 2: 22]
    }

    func abortedRead() async throws -> Bool {
        try await t1.write(one, 101)
        try await t2.read(one, as: "value")
        try await t1.rollBack()
        try await t2.read(one, as: "value")
        _ = try await commitAll()
        #expect(try await rows() == [1: 10, 2: 20])
        return t2.seen("value").contains(101)
    }

    func intermediateRead() async throws -> Bool {
        try await t1.write(one, 101)
        try await t2.read(one, as: "value")
        try await t1.write(one, 11)
        try await t1.commit()
        try await t2.read(one, as: "value")
        _ = try await commitAll()
        return t2.seen("value").contains(101)
    }

    func circularFlow() async throws -> Bool {
        try await t1.write(one, 11)
        try await t2.write(two, 22)
        try await t1.read(two, as: "other")
        try await t2.read(one, as: "other")
        let committed = try await commitAll()
        return committed.t1 && committed.t2 && t1.seen("other") == [22] && t2.seen("other") == [11]
    }

    /// Reads forward and back: what a later read finds must not be older than what an earlier one found.
    func vanishing() async throws -> Bool {
        try await t1.write(one, 11)
        try await t1.write(two, 19)
        try await t2.write(one, 12)
        try await t1.commit()
        try await t3.read(one, as: "one")
        try await t2.write(two, 18)
        try await t3.read(two, as: "two")
        try await t2.commit()
        try await t3.read(two, as: "two")
        try await t3.read(one, as: "one")
        let committed = try await commitAll()
        let (one, two) = (t3.seen("one"), t3.seen("two"))
        // Their places in the order of commits.
        let versions = [10: 0, 20: 0, 11: 1, 19: 1, 12: 2, 18: 2]
        guard committed.t3, one.count == 2, two.count == 2 else { return false }
        let seen = [one[0], two[0], two[1], one[1]].map { versions[$0] ?? -1 }
        return seen != seen.sorted()
    }

    func lostUpdate() async throws -> Bool {
        try await t1.read(one, as: "value")
        try await t2.read(one, as: "value")
        let one = one
        for client in [t1, t2] {
            try await client.then { txn in try await one.set((client.seen("value").last ?? 0) + 1, in: txn) }
        }
        let committed = try await commitAll()
        return try await rows()[1] != 10 + (committed.t1 ? 1 : 0) + (committed.t2 ? 1 : 0)
    }

    func readSkew() async throws -> Bool {
        try await t1.read(one, as: "one")
        try await t2.read(one, as: "one")
        try await t2.read(two, as: "two")
        try await t2.write(one, 12)
        try await t2.write(two, 18)
        try await t2.commit()
        try await t1.read(two, as: "two")
        let committed = try await commitAll()
        return committed.t1 && t1.seen("one") == [10] && t1.seen("two") == [18]
    }

    func readSkewWrite() async throws -> Bool {
        let (two, t1) = (two, t1)
        try await t1.read(one, as: "one")
        try await t2.write(one, 12)
        try await t2.write(two, 18)
        try await t2.commit()
        try await t1.then { txn in
            let value = try await two.value(in: txn)
            t1.note(value, as: "two")
            if value == 20 { try await two.place.delete(2, in: txn) }
        }
        let committed = try await commitAll()
        // Having read 10 it came before the other one, and would have found 20.
        return committed.t1 && committed.t2 && t1.seen("one") == [10] && t1.seen("two") == [18]
    }

    func writeSkew() async throws -> Bool {
        for client in [t1, t2] {
            try await client.read(one, as: "one")
            try await client.read(two, as: "two")
        }
        try await t1.write(one, 11)
        try await t2.write(two, 21)
        let committed = try await commitAll()
        return committed.t1 && committed.t2 && t1.seen("two") == [20] && t2.seen("one") == [10]
    }

    func readOnly() async throws -> Bool {
        try await t2.read(one, as: "one")
        try await t2.read(two, as: "two")
        try await t1.read(two, as: "two")
        try await t1.write(two, 40)
        try await t1.commit()
        try await t3.read(one, as: "one")
        try await t3.read(two, as: "two")
        try await t3.commit()
        try await t2.write(one, 9)
        let committed = try await commitAll()
        // t3 puts t1 before t2, and t2 puts itself before t1.
        return committed.t1 && committed.t2 && committed.t3 && t2.seen("two") == [20] && t3.seen("one") == [10]
            && t3.seen("two") == [40]
    }
}
