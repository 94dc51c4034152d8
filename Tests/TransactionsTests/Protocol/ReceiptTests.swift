import GRDB
import GraphClient
import Testing

@testable import Transactions

@Suite struct ReceiptTests {
    @Test("T6: a receipt names number, stores, attempts and where the time went")
    func receipts() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            let (_, all) = try await coordinator.transactionWithReceipt { txn in try await txn.addUser(1) }
            #expect(all.number == 1 && all.stores == [.sqlite, .graph, .redis] && all.attempts == 1)
            #expect(all.isCacheApplied && !all.isRepetition)
            #expect(all.timings.body > .zero && all.timings.decision > .zero)
            #expect(all.timings.graph > .zero && all.timings.cache > .zero)

            let (_, none) = try await coordinator.transactionWithReceipt { txn in
                _ = try await txn.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
                try await txn.graph.query("MATCH (u:User) RETURN count(*)")
                _ = try await txn.redis.get("user:1")
            }
            #expect(none.number == nil && none.stores.isEmpty)

            let (_, graph) = try await coordinator.transactionWithReceipt { txn in
                try await txn.graph.execute("CREATE (:User {id: 2, name: 'two'})")
            }
            #expect(graph.number == 2 && graph.stores == [.sqlite, .graph])
            let (_, cache) = try await coordinator.transactionWithReceipt { txn in
                try await txn.redis.set("user:2", "two")
            }
            #expect(cache.number == 3 && cache.stores == [.sqlite, .redis])
        }
    }

    @Test("T6: an attempt that failed is counted, and its pause is in the time before the body")
    func attempts() async throws {
        try await LiveStores.with { stores in
            let runs = Tally()
            let retry = RetryPolicy(firstPause: .milliseconds(40), longestPause: .milliseconds(40))
            let (_, receipt) = try await stores.coordinator.transactionWithReceipt(TransactionOptions(retry: retry)) {
                txn in
                try await txn.addUser(1)
                if runs.add() == 1 { throw TransactionError(.conflict, "once", remedy: "again", isTransient: true) }
            }
            #expect(receipt.attempts == 2 && receipt.number == 1)
            #expect(receipt.timings.admission >= .milliseconds(20))
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("close waits for the units that run and for Redis, and refuses new ones")
    func closes() async throws {
        try await LiveStores.with { stores in
            let (begun, go) = (Event(), Event())
            async let unit: Void = stores.coordinator.transaction { txn in
                try await txn.addUser(1)
                begun.happen()
                await go.wait()
                try await txn.addUser(2)
            }
            await begun.wait()
            async let closed: Void = stores.coordinator.close()
            while await !stores.coordinator.core.isClosing { await Task.yield() }
            await expectFailure(.stopped, "closing") {
                try await stores.coordinator.transaction(.once) { txn in try await txn.addUser(3) }
            }
            await expectFailure(.stopped) { try await stores.coordinator.snapshot { _ in } }
            go.happen()
            try await unit
            await closed
            try await stores.expectUsers([1, 2])
            await expectFailure(.stopped, "closed") {
                try await stores.coordinator.transaction(.once) { txn in try await txn.addUser(3) }
            }
        }
    }

    @Test("close(within: .zero) ends the units that run; nothing of them stays")
    func closesAtOnce() async throws {
        try await LiveStores.with { stores in
            let (begun, never) = (Event(), Event())
            let unit = Task {
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    begun.happen()
                    await never.wait()
                }
            }
            await begun.wait()
            await stores.coordinator.close(within: .zero)
            await expectFailure(.stopped) { try await unit.value }
            try await stores.expectUsers([])
            never.happen()
        }
    }
}

extension CoordinatorCore {
    fileprivate var isClosing: Bool { if case .closing = phase { true } else { false } }
}
