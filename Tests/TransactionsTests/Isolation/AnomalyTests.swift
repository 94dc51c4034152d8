import Testing

@testable import Transactions

/// The anomaly tests of the LDBC ACID suite (Waudby and others, TPCTC 2020), with their numbers of writers and readers,
/// and each entity of a test in another store.
///
/// Writers are transactions of a level. Readers are of the same level, or serializable ones or snapshots, which have to
/// hold whatever the level of the writers is.
@Suite struct AnomalyTests {
    private let p1 = Cell(.sqlite, 1)
    private let p2 = Cell(.graph, 2)
    private let p3 = Cell(.redis, 3)
    private let p4 = Cell(.sqlite, 4)

    // MARK: Atomicity

    @Test("T3, Atomicity-C: what was committed is there in all stores", arguments: IsolationLevel.allCases)
    func atomicityCommit(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            try await stores.prepare([(p1, 0)])
            let p1 = p1
            let committed = try await stores.concurrently(10, times: 3) { client, step in
                let id = 100 + client * 10 + step
                try await stores.coordinator.transaction(level.patient) { txn in
                    try await Place.graph.set(id, to: 1, in: txn)
                    try await txn.redis.sadd("edges", ["\(id)"])
                    try await p1.append(id, in: txn)
                }
            }
            let (nodes, mails, edges) = try await stores.coordinator.transaction { txn in
                (
                    try await Place.graph.all(in: txn).count, try await p1.list(in: txn).count,
                    try await txn.redis.smembers("edges").count
                )
            }
            #expect(nodes == committed && mails == committed && edges == committed)
        }
    }

    @Test("T3, Atomicity-RB: what was rolled back left nothing", arguments: IsolationLevel.allCases)
    func atomicityRollback(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            try await stores.prepare([(p1, 0)])
            let p1 = p1
            _ = try await stores.concurrently(10, times: 4) { client, step in
                let id = 100 + (client + step) % 7
                do {
                    try await stores.coordinator.transaction(level.patient) { txn in
                        try await p1.append(id, in: txn)
                        try await txn.redis.increment("made")
                        if try await Place.graph.value(id, in: txn) != nil { throw Refused() }
                        try await Place.graph.set(id, to: 1, in: txn)
                    }
                } catch is Refused {}
            }
            let (nodes, mails, made) = try await stores.coordinator.transaction { txn in
                (
                    try await Place.graph.all(in: txn).count, try await p1.list(in: txn).count,
                    try await txn.redis.get("made", as: Int.self)
                )
            }
            #expect(nodes == 7 && mails == 7 && made == 7)
        }
    }

    // MARK: Isolation

    @Test("T3, G0: the lists of three stores agree in their order", arguments: IsolationLevel.allCases)
    func dirtyWrite(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            try await stores.prepare([(p1, 0), (p2, 0)])
            let (p1, p2, p3) = (p1, p2, p3)
            let committed = try await stores.concurrently(200, times: 1) { client, step in
                try await stores.coordinator.transaction(level.patient) { txn in
                    for cell in [p1, p3, p2] { try await cell.append(client + step, in: txn) }
                }
            }
            let lists = try await stores.coordinator.transaction { txn in
                [try await p1.list(in: txn), try await p2.list(in: txn), try await p3.list(in: txn)]
            }
            #expect(lists[0].count == committed && lists[0] == lists[1] && lists[1] == lists[2])
        }
    }

    @Test("T3, G1a: no value of a transaction that rolls back is read", arguments: Case.all(preventing: .abortedRead))
    func abortedRead(_ case: Case) async throws {
        let cells = [p1, p2, p3]
        try await oddOnly(`case`, writers: 5, readers: 5) { cell, txn in
            try await cell.set(2, in: txn)
            await Task.yield()
            throw Refused()
        } of: {
            cells
        }
    }

    @Test("T3, G1b: no value that its transaction replaces is read", arguments: Case.all(preventing: .intermediateRead))
    func intermediateRead(_ case: Case) async throws {
        let cells = [p1, p2, p3]
        try await oddOnly(`case`, writers: 10, readers: 100) { cell, txn in
            try await cell.set(2, in: txn)
            await Task.yield()
            try await cell.set(3, in: txn)
        } of: {
            cells
        }
    }

    private func oddOnly(
        _ case: Case, writers: Int, readers: Int,
        write: @escaping @Sendable (Cell, isolated Transaction) async throws -> Void, of cells: () -> [Cell]
    ) async throws {
        let cells = cells()
        try await CellStores.with { stores in
            try await stores.prepare(cells.map { ($0, 1) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        for step in 0..<4 {
                            do {
                                try await stores.coordinator.transaction(`case`.level.patient) { txn in
                                    try await write(cells[(writer + step) % cells.count], txn)
                                }
                            } catch is Refused {}
                        }
                    }
                }
                for reader in 0..<readers {
                    group.addTask {
                        for step in 0..<4 {
                            let values = try await stores.read([cells[(reader + step) % cells.count]], `case`)
                            #expect(values.allSatisfy { !$0.isMultiple(of: 2) })
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("T3, G1c: no two transactions read each other's writes", arguments: IsolationLevel.allCases)
    func circularFlow(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let cells = [p1, p2, p3]
            try await stores.prepare(cells.map { ($0, 0) })
            // By the writer's number: what it read.
            let reads = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 1...100 {
                    group.addTask {
                        let (written, read) = (cells[number % 3], cells[(number + 1 + number % 2) % 3])
                        let value = try await stores.coordinator.transaction(level.patient) { txn in
                            try await written.set(number, in: txn)
                            return try await read.value(in: txn)
                        }
                        return (number, value)
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
            }
            #expect(reads.count == 100)
            for (number, other) in reads where other != 0 { #expect(reads[other] != number) }
        }
    }

    @Test("T3, IMP: reading a value twice gives the same", arguments: Case.all(preventing: .readSkew))
    func manyPreceders(_ case: Case) async throws {
        try await CellStores.with { stores in
            let cells = [p1, p2, p3]
            try await stores.prepare(cells.map { ($0, 1) })
            try await stores.whileAdding(to: cells.map { [$0] }, `case`, writers: 10, readers: 10) { reader in
                let cell = cells[reader % cells.count]
                let (first, second) = try await stores.readTwice([cell], `case`)
                #expect(first == second)
            }
        }
    }

    @Test(
        "T3, PMP: counting twice gives the same, in rows, nodes and members", arguments: Case.all(preventing: .phantom))
    func predicateManyPreceders(_ case: Case) async throws {
        try await CellStores.with { stores in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<10 {
                    group.addTask {
                        for step in 0..<2 {
                            let id = writer * 10 + step
                            try await stores.coordinator.transaction(`case`.level.patient) { txn in
                                try await Place.sqlite.set(id, to: 1, in: txn)
                                try await txn.redis.sadd("members", ["\(id)"])
                                try await Place.graph.set(id, to: 1, in: txn)
                            }
                        }
                    }
                }
                for _ in 0..<10 {
                    group.addTask {
                        for _ in 0..<2 {
                            let counts = try await stores.counts(twice: `case`)
                            #expect(Set(counts).count == 1, "\(counts)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("T3, OTV: what was seen of a transaction does not vanish", arguments: Case.all(preventing: .vanishing))
    func observedVanishes(_ case: Case) async throws {
        try await CellStores.with { stores in
            let cells = [p1, p2, p3, p4]
            try await stores.prepare(cells.map { ($0, 1) })
            try await stores.whileAdding(to: [cells], `case`, writers: 1, readers: 50) { _ in
                let (first, second) = try await stores.readTwice(cells, `case`)
                #expect((first.max() ?? 0) <= (second.min() ?? 0), "\(first) \(second)")
            }
        }
    }

    @Test("T3, FR: a transaction is seen whole, always", arguments: Case.all(preventing: .readSkew))
    func fracturedRead(_ case: Case) async throws {
        try await CellStores.with { stores in
            let cells = [p1, p2, p3, p4]
            try await stores.prepare(cells.map { ($0, 1) })
            try await stores.whileAdding(to: [cells], `case`, writers: 1, readers: 100) { _ in
                let (first, second) = try await stores.readTwice(cells, `case`)
                #expect(Set(first + second).count == 1, "\(first) \(second)")
            }
        }
    }

    @Test("T3, LU: no addition is lost, in any store", arguments: IsolationLevel.preventing(.lostUpdate))
    func lostUpdate(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let cells = [p1, p2, p3]
            try await stores.prepare(cells.map { ($0, 0) })
            let committed = try await stores.concurrently(200, times: 1) { client, _ in
                try await stores.coordinator.transaction(level.patient) { txn in
                    try await cells[client % 3].add(1, in: txn)
                }
            }
            let sum = try await stores.read(cells, Case(level: level, reader: .snapshot)).reduce(0, +)
            #expect(sum == committed && committed == 200)
        }
    }

    @Test("T3, WS: a rule over two values of two stores holds", arguments: IsolationLevel.preventing(.writeSkew))
    func writeSkew(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let pairs = (0..<50).map { pair in
                (Cell(Place.allCases[pair % 3], 10 + pair * 2), Cell(Place.allCases[(pair + 1) % 3], 11 + pair * 2))
            }
            try await stores.prepare(pairs.flatMap { [($0.0, 70), ($0.1, 80)] })
            _ = try await stores.concurrently(100, times: 1) { client, _ in
                let (a, b) = pairs[client / 2]
                try await stores.coordinator.transaction(level.patient) { txn in
                    let sum = try await a.value(in: txn) + b.value(in: txn)
                    guard sum >= 100 else { return }
                    await Task.yield()
                    try await (client.isMultiple(of: 2) ? a : b).add(-100, in: txn)
                }
            }
            for (a, b) in pairs {
                let values = try await stores.read([a, b], Case(level: level, reader: .snapshot))
                #expect(values.reduce(0, +) == 50)
            }
        }
    }
}
