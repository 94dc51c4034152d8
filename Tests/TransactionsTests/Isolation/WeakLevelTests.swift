import Dispatch
import GRDB
import GraphClient
import Stores
import Testing

@testable import Transactions

/// What the levels below serializable give for what they leave out.
@Suite struct WeakLevelTests {
    private static let weak: [IsolationLevel] = [.readCommitted, .snapshot]

    @Test("T3: below serializable, reads wait for no writer and keep none waiting", arguments: IsolationLevel.allCases)
    func readsDontWait(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let cells = Place.allCases.map { Cell($0, 1) }
            try await stores.prepare(cells.map { ($0, 10) })
            let (written, read, committed) = (Event(), Event(), Event())
            let writer = Task {
                try await coordinator.transaction(.once) { txn in
                    for cell in cells { try await cell.set(11, in: txn) }
                    written.happen()
                    await read.wait()
                }
                committed.happen()
            }
            await written.wait()
            let reader = Task {
                try await coordinator.transaction(TransactionOptions(retry: .none, isolation: level)) { txn in
                    var before: [Int] = []
                    for cell in cells { before.append(try await cell.value(in: txn)) }
                    read.happen()
                    await committed.wait()
                    var after: [Int] = []
                    for cell in cells { after.append(try await cell.value(in: txn)) }
                    return (before, after)
                }
            }
            if level == .serializable {
                // Its reads wait for the writer.
                try await coordinator.core.untilWaiting(1)
                read.happen()
            }
            let (before, after) = try await reader.value
            try await writer.value
            switch level {
            case .readCommitted: #expect(before == [10, 10, 10] && after == [11, 11, 11])
            case .snapshot: #expect(before == [10, 10, 10] && after == [10, 10, 10])
            case .serializable: #expect(before == [11, 11, 11] && after == [11, 11, 11])
            }
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3: a transaction sees its own changes at every level", arguments: IsolationLevel.allCases)
    func ownChanges(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let cells = Place.allCases.map { Cell($0, 1) }
            try await stores.prepare(cells.map { ($0, 10) })
            try await stores.coordinator.transaction(level.patient) { txn in
                for cell in cells {
                    try await cell.add(1, in: txn)
                    #expect(try await cell.value(in: txn) == 11)
                    do {
                        try await txn.savepoint { txn in
                            try await cell.add(5, in: txn)
                            #expect(try await cell.value(in: txn) == 16)
                            throw Refused()
                        }
                    } catch is Refused {}
                    #expect(try await cell.value(in: txn) == 11)
                }
            }
            #expect(try await stores.read(cells, .init(level: level, reader: .snapshot)) == [11, 11, 11])
        }
    }

    @Test("T3, I3: between the moments at which a transaction's readers begin, nobody commits")
    func readersBeginTogether() async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let graph = try #require(coordinator.graph)
            let cells = [Cell(.sqlite, 1), Cell(.redis, 1)]
            try await stores.prepare(cells.map { ($0, 10) })
            // A checkpoint that waits for a reader: meanwhile nobody begins to read the graph.
            let (isReading, goOn) = (Event(), DispatchSemaphore(value: 0))
            let reader = Task {
                try await graph.read { _ in
                    isReading.happen()
                    goOn.wait()
                }
            }
            await isReading.wait()
            let checkpoint = Task { try await graph.checkpoint() }
            let probes = Tally()
            var last = -1
            while probes.value != last {
                last = probes.value
                Task { if (try? await graph.query("RETURN 1")) != nil { probes.add() } }
                try await Task.sleep(for: .milliseconds(100))
            }
            // Its reader of SQLite has begun, and that of the graph has not.
            let (hasRead, readsOn) = (Event(), Event())
            let unit = Task {
                try await coordinator.transaction(.init(retry: .none, isolation: .snapshot)) { txn in
                    let first = try await cells[0].value(in: txn)
                    hasRead.happen()
                    await readsOn.wait()
                    return [first, try await cells[1].value(in: txn)]
                }
            }
            await hasRead.wait()
            let committed = await coordinator.counters.committed
            let writer = Task {
                try await coordinator.transaction(.once) { txn in
                    for cell in cells { try await cell.set(11, in: txn) }
                }
            }
            // It waits, as it should, or it has committed.
            while await coordinator.core.waiting == 0, await coordinator.counters.committed == committed {
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(await coordinator.counters.committed == committed)
            goOn.signal()
            try await reader.value
            try await checkpoint.value
            try await writer.value
            readsOn.happen()
            #expect(try await unit.value == [10, 10])
        }
    }

    @Test("T3: what reads may not write, at any level", arguments: IsolationLevel.allCases)
    func readOnly(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            try await stores.coordinator.transaction(TransactionOptions(isolation: level)) { txn in
                let error = await failure {
                    try await txn.readSQLite { try $0.execute(sql: "DELETE FROM cell") }
                }
                #expect((error as? DatabaseError)?.resultCode == .SQLITE_READONLY)
                try await Place.sqlite.set(1, to: 10, in: txn)
                #expect(try await Place.sqlite.value(1, in: txn) == 10)
            }
        }
    }

    @Test("T1: child tasks of a body read at the same time", arguments: Self.weak)
    func childTasks(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let cells = Place.allCases.flatMap { place in (1...4).map { Cell(place, $0) } }
            try await stores.prepare(cells.map { ($0, $0.id) })
            let sum = Tally()
            try await stores.coordinator.transaction(level.patient) { txn in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for cell in cells { group.addTask { sum.add(try await cell.value(in: txn)) } }
                    try await group.waitForAll()
                }
            }
            #expect(sum.value == 30)
        }
    }

    @Test("I7: below serializable, a body that hangs or is cancelled gives its readers back", arguments: Self.weak)
    func readersComeBack(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let never = Event()
            // More than there are readers.
            for round in 0..<12 {
                let options = TransactionOptions(timeLimit: .milliseconds(40), retry: .none, isolation: level)
                let unit = Task {
                    try await coordinator.transaction(options) { txn in
                        _ = try await Place.graph.value(1, in: txn)
                        await never.wait()
                    }
                }
                if round.isMultiple(of: 2) { unit.cancel() }
                _ = await failure { try await unit.value }
            }
            never.happen()
            let (sqlite, graph) = (coordinator.sqlite, coordinator.graph)
            let limit = ContinuousClock.now + .seconds(20)
            func inUse() -> Int {
                (sqlite.statuses + (graph?.statuses ?? [])).map(\.status.leased).reduce(0, +)
            }
            while inUse() > 0, ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(5)) }
            #expect(inUse() == 0)
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("While the coordinator closes, a transaction that runs goes on reading, and commits", arguments: Self.weak)
    func closing(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let cell = Cell(.redis, 1)
            try await stores.prepare([(cell, 10)])
            let (begun, goOn) = (Event(), Event())
            let unit = Task {
                try await coordinator.transaction(TransactionOptions(retry: .none, isolation: level)) { txn in
                    begun.happen()
                    await goOn.wait()
                    try await cell.add(1, in: txn)
                    return try await cell.value(in: txn)
                }
            }
            await begun.wait()
            let closing = Task { await coordinator.close() }
            while await coordinator.core.isOpen { try await Task.sleep(for: .milliseconds(1)) }
            goOn.happen()
            #expect(try await unit.value == 11)
            await closing.value
            #expect(try await stores.redis.get("cell:1") == "11")
        }
    }

    @Test("T6: idempotency keys work at every level", arguments: Self.weak)
    func idempotency(_ level: IsolationLevel) async throws {
        try await CellStores.with { stores in
            let options = level.patient
            let results = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await stores.coordinator.transaction(idempotencyKey: "k", options) { txn in
                            try await txn.redis.increment("cell:1")
                        }.value
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(results == [1, 1, 1, 1, 1, 1])
        }
    }
}

extension CoordinatorCore {
    fileprivate var isOpen: Bool { if case .open = phase { true } else { false } }
}
