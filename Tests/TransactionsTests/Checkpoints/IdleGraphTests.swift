import GRDB
import Testing

@testable import Transactions

@Suite("A graph that has had nothing to do for long") struct IdleGraphTests {
    @Test("T5, I4: when the journal was trimmed beyond its last unit, it is not taken for one from an older backup")
    func trimmedBeyondMarker() async throws {
        try await DurableStores.with { stores in
            var configuration = DurableStores.configuration
            configuration.journalRetention = .zero
            configuration.trimInterval = 1
            configuration.graphCheckpoints.transactions = 1
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                // The checkpoint that is due after it waits for the snapshot's end, and so has all that is decided until then.
                try await coordinator.snapshot { _ in
                    try await coordinator.transaction { txn in try await txn.addUser(1) }
                    // Not for the graph.
                    for step in 1...5 {
                        try await coordinator.transaction { txn in try await txn.redis.set("step", step) }
                    }
                }
                while await coordinator.counters.checkpoints == 0 { try await Task.sleep(for: .milliseconds(1)) }
                for step in 6...9 {
                    try await Task.sleep(for: .milliseconds(2))
                    try await coordinator.transaction { txn in try await txn.redis.set("step", step) }
                }
                let trimmed = try await coordinator.sqlite.read { try Journal.meta(in: $0).trimmed }
                #expect(trimmed > 1)
            }
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                try await stores.expectUsers([1], in: coordinator)
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }
}
