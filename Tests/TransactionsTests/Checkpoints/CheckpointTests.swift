import Foundation
import GRDB
import GraphClient
import Stores
import Testing

@testable import Transactions

@Suite("Checkpoints of the graph under the coordinator")
struct CheckpointTests {
    /// A checkpoint every 256 transactions, and a journal that keeps nothing that isn't needed.
    private static var frequent: CoordinatorConfiguration {
        var configuration = DurableStores.configuration
        configuration.graphCheckpoints.log = 1
        configuration.journalRetention = .zero
        configuration.trimInterval = 50
        return configuration
    }

    @Test("T5: the log, the markers and the journal stay short, and nothing is lost by it", .timeLimit(.minutes(2)))
    func everythingStaysShort() async throws {
        try await DurableStores.with { stores in
            let ids = Array(1...700)
            try await stores.withCoordinator(configuration: Self.frequent) { coordinator in
                for id in ids { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                try await untilAtRest(coordinator)
                #expect(await coordinator.counters.checkpoints >= 2)
                let markers = try await coordinator.graph?.query("MATCH (m:TrivetMarker) RETURN count(m)").scalar(
                    Int.self)
                #expect((1...(2 + 256)).contains(markers ?? 0), "\(markers ?? 0) markers")
                let rows = try await journalRows(coordinator)
                #expect(rows < 350, "\(rows) rows in the journal")
            }
            try await stores.withCoordinator { coordinator in
                try await stores.expectUsers(ids, in: coordinator)
                try await coordinator.transaction { txn in try await txn.addUser(701) }
                try await stores.expectUsers(ids + [701], in: coordinator)
            }
        }
    }

    @Test("T5: without a checkpoint, the journal keeps what only the graph's log holds")
    func journalWaitsForCheckpoint() async throws {
        try await DurableStores.with { stores in
            var configuration = Self.frequent
            configuration.graphCheckpoints = .init()
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                for id in 1...120 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                #expect(try await journalRows(coordinator) == 120)
            }
        }
    }

    @Test(
        "T5: a checkpoint waits for the end of a snapshot, and transactions don't wait for it", .timeLimit(.minutes(2)))
    func waitsForSnapshot() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator(configuration: Self.frequent) { coordinator in
                try await coordinator.snapshot { snapshot in
                    let before = try await snapshot.graph("MATCH (u:User) RETURN count(u)").scalar(Int.self)
                    for id in 1...300 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                    #expect(await coordinator.counters.checkpoints == 0)
                    #expect(await coordinator.core.checkpoints.urgency == .whenQuiet)
                    let after = try await snapshot.graph("MATCH (u:User) RETURN count(u)").scalar(Int.self)
                    #expect(before == 0 && after == 0)
                }
                // It begins when the snapshot's end has come to the lane.
                while await coordinator.counters.checkpoints == 0 { try await Task.sleep(for: .milliseconds(2)) }
                try await untilAtRest(coordinator)
                #expect(await coordinator.counters.checkpoints == 1)
            }
        }
    }

    @Test("T5: a checkpoint that is asked for is made at once, between units that run, and after it the log is empty")
    func askedFor() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for id in 1...60 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                    }
                    for _ in 1...2 { group.addTask { try await coordinator.checkpointGraph() } }
                    try await group.waitForAll()
                }
                let made = await coordinator.counters.checkpoints
                #expect(made == 2)
                try await coordinator.checkpointGraph()
                let size = coordinator.graph?.logSize
                #expect(size == 0)
                try await stores.expectUsers(Array(1...60), in: coordinator)

                let cancelled = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await coordinator.checkpointGraph()
                }
                let outcome = await cancelled.result
                #expect(throws: CancellationError.self) { try outcome.get() }
                await coordinator.close()
                do {
                    try await coordinator.checkpointGraph()
                    Issue.record("a closed coordinator made a checkpoint")
                } catch is TransactionError {}
            }
        }
    }

    @Test(
        "T5: changes of one property don't fill the engine's memory until it refuses to work", .timeLimit(.minutes(2)))
    func memoryIsFreed() async throws {
        try await DurableStores.with { stores in
            var graph = GraphPoolConfiguration()
            // Full after some 1 800 changes.
            graph.database.bufferPoolSize = 16 << 20
            let coordinator = try await Coordinator.open(
                sqlite: stores.sqlite, graph: stores.graph, redis: stores.redis,
                configuration: DurableStores.configuration, graphConfiguration: graph)
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            for step in 1...2_500 {
                try await coordinator.transaction { txn in
                    try await txn.graph.execute("MATCH (u:User {id: 1}) SET u.name = $name", ["name": "name \(step)"])
                }
            }
            #expect(await coordinator.counters.checkpoints >= 1)
            let name = try await coordinator.graph?.query("MATCH (u:User {id: 1}) RETURN u.name").scalar(String.self)
            #expect(name == "name 2500")
            await coordinator.closeAll()
        }
    }

    @Test(
        "T6: results of idempotency keys are kept for their time, and not for ever",
        arguments: [(Duration.seconds(3_600), 120...120), (.zero, 20...70)])
    func resultsAreTrimmed(retention: Duration, expected: ClosedRange<Int>) async throws {
        try await DurableStores.with { stores in
            var configuration = Self.frequent
            configuration.idempotencyRetention = retention
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                for id in 1...120 { _ = try await coordinator.transaction(idempotencyKey: "\(id)") { _ in id } }
                let kept = try await coordinator.sqlite.read {
                    try Int.fetchOne($0, sql: "SELECT count(*) FROM trivet_idempotency") ?? 0
                }
                #expect(expected.contains(kept), "\(kept) kept")
            }
        }
    }

    private func journalRows(_ coordinator: Coordinator) async throws -> Int {
        try await coordinator.sqlite.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM trivet_journal") ?? 0 }
    }

    private func untilAtRest(_ coordinator: Coordinator) async throws {
        while await coordinator.core.checkpoint != nil { try await Task.sleep(for: .milliseconds(5)) }
    }
}
