import Foundation
import GRDB
import LocalEngines
import Testing

@testable import Transactions

/// Who goes first, and that nobody is left behind.
@Suite struct PriorityTests {
    @Test("T1: whoever waits goes by priority, and shares no commit with those below it")
    func order() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let core = stores.coordinator.core
            async let first = stores.addUser(0, untilWaiting: 4)
            try await stores.untilRunning(1)
            @Sendable func add(_ id: Int, _ priority: TransactionPriority) async throws -> Receipt {
                try await stores.coordinator.transactionWithReceipt(TransactionOptions(priority: priority)) { txn in
                    try await txn.addUser(id)
                }.receipt
            }
            async let background = add(1, .background)
            try await core.untilWaiting(1)
            async let normal = add(2, .normal)
            try await core.untilWaiting(2)
            async let high = add(3, .high)
            try await core.untilWaiting(3)
            async let last = add(4, .normal)
            let receipts = [
                try await first, try await high, try await normal, try await last, try await background,
            ]
            #expect(receipts.compactMap(\.number) == receipts.compactMap(\.number).sorted())
            #expect(receipts.map(\.groupSize) == [2, 2, 2, 2, 1])
            try await stores.expectWorks(after: [0, 1, 2, 3, 4])
        }
    }

    @Test("T1: whoever has a higher priority does not wait for those that the lane has not come to")
    func lane() async throws {
        try await LiveStores.with(configuration: .patient) { stores in
            let (core, holds) = (stores.coordinator.core, Tally())
            @Sendable func add(_ id: Int, _ priority: TransactionPriority) async throws -> Receipt {
                try await stores.coordinator.transactionWithReceipt(TransactionOptions(priority: priority)) { txn in
                    try await txn.addUser(id)
                }.receipt
            }
            async let first = stores.coordinator.transactionWithReceipt { txn in
                // Holds the lane until the others are on their way to it.
                try await txn.sqlite { _ in
                    holds.add()
                    while core.approach.count(from: .background) < 11 { usleep(1_000) }
                }
                try await txn.addUser(0)
            }.receipt
            while holds.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
            async let others = withThrowingTaskGroup(of: Receipt.self) { group in
                for id in 1...10 { group.addTask { try await add(id, .background) } }
                return try await group.reduce(into: [Receipt]()) { $0.append($1) }
            }
            async let high = add(11, .high)
            let sizes = [try await first.groupSize, try await high.groupSize]
            // In one commit, or the first one was quicker.
            #expect(sizes == [2, 2] || sizes == [1, 1])
            let last = try await others
            #expect(last.allSatisfy { $0.number ?? 0 > 2 })
            try await stores.expectWorks(after: Array(0...11))
        }
    }

    @Test(
        "I7: none starves beside fifty that never pause: not the background, nor who shares no commit, nor one at snapshot",
        arguments: [
            TransactionOptions(priority: .background),
            TransactionOptions(retry: .none),
            TransactionOptions(isolation: .snapshot, priority: .background),
        ])
    func starvation(_ options: TransactionOptions) async throws {
        var configuration = CoordinatorConfiguration()
        configuration.mostOvertaken = 60
        // So that there are always some who wait, and are not in the present group.
        configuration.groups.units = 5
        try await LiveStores.with(configuration: configuration) { stores in
            let coordinator = stores.coordinator
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            let done = Tally()
            @Sendable func work(_ options: TransactionOptions) async throws -> UInt64? {
                try await coordinator.transactionWithReceipt(options) { txn in
                    try await txn.sqlite { try $0.execute(sql: "UPDATE users SET name = name || '.' WHERE id = 1") }
                }.receipt.number
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let options = TransactionOptions(priority: .high)
                        for _ in 0..<200 where done.value == 0 { _ = try await work(options) }
                    }
                }
                group.addTask {
                    defer { done.add() }
                    for _ in 0..<3 {
                        let before = await coordinator.core.lastNumber
                        let number = try #require(try await work(options))
                        // Of the 10 000 that the others would commit.
                        #expect(number - before < 1_500)
                    }
                }
                try await group.waitForAll()
            }
            try await stores.expectWorks(after: [1])
        }
    }
}
