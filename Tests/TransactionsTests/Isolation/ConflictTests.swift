import GRDB
import Testing

@testable import Transactions

/// What a transaction at snapshot may not change, and what it waits for.
@Suite struct ConflictTests {
    @Test("T3: at snapshot, a change of what another has changed since is a conflict", arguments: Place.allCases)
    func conflict(_ place: Place) async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let (cell, other) = (Cell(place, 1), Cell(place == .redis ? .graph : .redis, 2))
            try await stores.prepare([(cell, 10), (other, 10)])
            let attempts = Tally()
            @Sendable func change(_ retry: RetryPolicy) async throws -> Receipt {
                try await coordinator.transactionWithReceipt(.init(retry: retry, isolation: .snapshot)) { txn in
                    try await other.set(11, in: txn)
                    let value = try await cell.value(in: txn)
                    if attempts.add() < 3 {
                        // From outside of the body, which must not wait for another transaction.
                        try await Task.detached {
                            try await coordinator.transaction { txn in try await cell.add(1, in: txn) }
                        }.value
                    }
                    #expect(try await cell.value(in: txn) == value)
                    // Catching it does not help: the transaction has ended.
                    do { try await cell.set(value + 1, in: txn) } catch { try await cell.set(0, in: txn) }
                }.receipt
            }
            let error = await expectFailure(.conflict, "was changed by another transaction") {
                try await change(.none)
            }
            #expect(error?.isTransient == true)
            let receipt = try await change(RetryPolicy())
            #expect(receipt.attempts == 2)
            let values = try await stores.read([cell, other], .init(level: .snapshot, reader: .snapshot))
            #expect(values == [13, 11])
            #expect(await coordinator.counters.conflicts == 2)
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3, I7: at snapshot, whoever has come too late is not too late again", arguments: Place.allCases)
    func conflictsEnd(_ place: Place) async throws {
        try await CellStores.with { stores in
            let cell = Cell(place, 1)
            try await stores.prepare([(cell, 0)])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await stores.coordinator.transactionWithReceipt(.init(isolation: .snapshot)) { txn in
                            try await cell.add(1, in: txn)
                        }.receipt.attempts
                    }
                }
                for try await attempts in group { #expect(attempts <= 2) }
            }
            #expect(try await stores.read([cell], .init(level: .snapshot, reader: .snapshot)) == [30])
        }
    }

    @Test("T3: at snapshot, a first step that changes something waits its turn, and does not conflict")
    func firstStep() async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let cells = Place.allCases.map { Cell($0, 1) }
            try await stores.prepare(cells.map { ($0, 10) })
            for cell in cells {
                let (locked, goOn) = (Event(), Event())
                let first = Task {
                    try await coordinator.transaction(.once) { txn in
                        try await cell.set(11, in: txn)
                        locked.happen()
                        await goOn.wait()
                    }
                }
                await locked.wait()
                let second = Task {
                    try await coordinator.transaction(.init(retry: .none, isolation: .snapshot)) { txn in
                        try await cell.set(12, in: txn)
                    }
                }
                try await coordinator.core.untilWaiting(1)
                goOn.happen()
                try await first.value
                try await second.value
            }
            #expect(await coordinator.counters.conflicts == 0)
        }
    }

    @Test("T3, † At snapshot, a view that is too old fails instead of reading what is newer")
    func tooOld() async throws {
        var configuration = CoordinatorConfiguration()
        configuration.maximumSnapshotAge = .milliseconds(50)
        try await CellStores.with(configuration: configuration) { stores in
            let coordinator = stores.coordinator
            for cell in Place.allCases.map({ Cell($0, 1) }) {
                try await stores.prepare([(cell, 10)])
                await expectFailure(.snapshotTooOld) {
                    try await coordinator.transaction(.init(retry: .none, isolation: .snapshot)) { txn in
                        _ = try await cell.value(in: txn)
                        while coordinator.core.gate.hasSnapshots { try await Task.sleep(for: .milliseconds(5)) }
                        _ = try await cell.value(in: txn)
                    }
                }
                await expectFailure(.snapshotTooOld) {
                    try await coordinator.transaction(.init(retry: .none, isolation: .snapshot)) { txn in
                        _ = try await cell.value(in: txn)
                        while coordinator.core.gate.hasSnapshots { try await Task.sleep(for: .milliseconds(5)) }
                        try await cell.set(11, in: txn)
                    }
                }
            }
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3, T4: readers of the graph and a writer that must put it in order first don't wait for each other")
    func graphInOrder() async throws {
        try await CellStores.with { stores in
            let coordinator = stores.coordinator
            let cells = [Cell(.graph, 1), Cell(.sqlite, 1)]
            try await stores.prepare(cells.map { ($0, 10) })
            // Taken back, a changed property has to be put in order before the next write, where the engine keeps it (H17).
            do {
                try await coordinator.transaction { txn in
                    try await cells[0].set(11, in: txn)
                    throw Refused()
                }
            } catch is Refused {}
            let mustPrepare = try #require(coordinator.graph).database.isCheckpointDue
            let (read, locked, attempts) = (Event(), Event(), Tally())
            let reader = Task {
                try await coordinator.transaction(.init(isolation: .snapshot)) { txn in
                    let value = try await cells[0].value(in: txn)
                    read.happen()
                    await locked.wait()
                    try await cells[1].set(value + 1, in: txn)
                }
            }
            let writer = Task {
                try await coordinator.transaction { txn in
                    try await cells[1].set(12, in: txn)
                    await read.wait()
                    locked.happen()
                    if attempts.add() == 1 { try await coordinator.core.untilWaiting(1) }
                    try await cells[0].set(12, in: txn)
                }
            }
            try await writer.value
            try await reader.value
            // Where nothing has to be put in order, the writer waits for nobody.
            #expect(await coordinator.counters.deadlocks == (mustPrepare ? 1 : 0))
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T3, T4: a checkpoint that can't wait and a reader of the graph don't wait for each other")
    func checkpoint() async throws {
        var configuration = CoordinatorConfiguration()
        configuration.graphCheckpoints.longestLog = 1
        configuration.graphCheckpoints.log = 1
        try await CellStores.with(configuration: configuration) { stores in
            let coordinator = stores.coordinator
            let cells = [Cell(.graph, 1), Cell(.sqlite, 1)]
            try await stores.prepare(cells.map { ($0, 10) })
            let (read, locked, goOn, attempts) = (Event(), Event(), Event(), Tally())
            let reader = Task {
                try await coordinator.transaction(.init(isolation: .snapshot)) { txn in
                    let value = try await cells[0].value(in: txn)
                    read.happen()
                    await locked.wait()
                    try await cells[1].set(value + 1, in: txn)
                }
            }
            let writer = Task {
                try await coordinator.transaction { txn in
                    try await cells[1].set(12, in: txn)
                    await read.wait()
                    locked.happen()
                    if attempts.add() == 1 {
                        try await coordinator.core.untilWaiting(1)
                        goOn.happen()
                        while await coordinator.core.checkpoint == nil { try await Task.sleep(for: .milliseconds(1)) }
                    }
                    try await cells[0].set(12, in: txn)
                }
            }
            await goOn.wait()
            await coordinator.core.forceCheckpoint()
            try await writer.value
            try await reader.value
            while await coordinator.core.checkpoint != nil { try await Task.sleep(for: .milliseconds(1)) }
            #expect(await coordinator.core.isAtRest)
        }
    }
}

extension CoordinatorCore {
    fileprivate func forceCheckpoint() {
        checkpoints.measured(.init(log: 1 << 30, memory: 1))
        checkpointIfDue()
    }
}
