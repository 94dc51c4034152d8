import GRDB
import Testing

@testable import Transactions

@Suite("A graph that has had nothing to do for long") struct IdleGraphTests {
    private struct Rollback: Error {}

    @Test("T5, I4: when the journal was trimmed beyond its last unit, it is not taken for one from an older backup")
    func trimmedBeyondMarker() async throws {
        try await DurableStores.with { stores in
            var configuration = DurableStores.configuration
            configuration.journalRetention = .zero
            configuration.trimInterval = 1
            try await stores.withCoordinator(configuration: configuration) { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                // Not for the graph.
                for step in 1...5 {
                    try await coordinator.transaction { txn in try await txn.redis.set("step", step) }
                }
                // Its next writer makes a checkpoint first (H17), which has all decided units.
                await #expect(throws: Rollback.self) {
                    try await coordinator.transaction { txn in
                        try await txn.graph.execute("MATCH (u:User {id: 1}) SET u.name = 'another'")
                        throw Rollback()
                    }
                }
                _ = try await coordinator.transaction { txn in try await txn.graph.query("MATCH (u:User) RETURN u.id") }
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
