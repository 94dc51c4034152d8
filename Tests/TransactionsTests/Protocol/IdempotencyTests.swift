import GRDB
import GraphClient
import LocalEngines
import RedisClient
import Testing

@testable import Transactions

@Suite struct IdempotencyTests {
    @Test("T6: with the same idempotency key the body runs once, and its result is returned again")
    func repeats() async throws {
        try await LiveStores.with { stores in
            let runs = Tally()
            var numbers: [UInt64?] = []
            for attempt in 0..<3 {
                let (value, receipt) = try await stores.coordinator.transaction(idempotencyKey: "order 1") { txn in
                    try await txn.addUser(1)
                    return runs.add()
                }
                #expect(value == 1)
                #expect(receipt.isRepetition == (attempt > 0))
                numbers.append(receipt.number)
            }
            #expect(numbers == [1, 1, 1] && runs.value == 1)
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("† T6: duplicates that arrive at the same time wait for the first, whatever the stores")
    func concurrent() async throws {
        try await LiveStores.with { stores in
            let runs = Tally()
            let results = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await stores.coordinator.transaction(idempotencyKey: "pay") { txn in
                            try await txn.redis.increment("paid", by: 5)
                            return "run \(runs.add())"
                        }.value
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(results == ["run 1"] && runs.value == 1)
            #expect(try await stores.redis.get("paid") == "5")
        }
    }

    @Test("T6: a body that fails is not remembered; one that writes nothing is")
    func failing() async throws {
        try await LiveStores.with { stores in
            let error = await failure {
                try await stores.coordinator.transaction(idempotencyKey: "k") { txn -> Int in throw Refused() }
            }
            #expect(error is Refused)
            for attempt in 0..<2 {
                let (value, _) = try await stores.coordinator.transaction(idempotencyKey: "k") { _ in 5 + attempt }
                #expect(value == 5)
            }
            let other = await failure {
                _ = try await stores.coordinator.transaction(idempotencyKey: "k") { _ in "text" }
            }
            #expect(other != nil)
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T6: results are still there after the coordinator was opened again")
    func afterRestart() async throws {
        try await DurableStores.with { stores in
            for attempt in 0..<2 {
                try await stores.withCoordinator { coordinator in
                    let (value, receipt) = try await coordinator.transaction(idempotencyKey: "order") { txn in
                        try await txn.addUser(attempt)
                        return attempt
                    }
                    #expect(value == 0 && receipt.isRepetition == (attempt == 1))
                }
            }
            try await stores.withCoordinator { coordinator in
                try await stores.expectUsers([0], in: coordinator)
            }
        }
    }
}
