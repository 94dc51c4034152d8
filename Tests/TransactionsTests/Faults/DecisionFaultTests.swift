import GRDB
import GraphClient
import LocalEngines
import Testing

@testable import Transactions

/// SQLite failing at the decision.
@Suite struct DecisionFaultTests {
    @Test(
        "T2: the disk is full for the body, or for the journal: nothing happened, and work goes on when there is room")
    func full() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            func allow(_ pages: String) async throws {
                try await coordinator.sqlite.withWriter { session in
                    try await session.run { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
                }
            }
            try await coordinator.transaction { txn in try await txn.addUser(1) }
            let pages = try await coordinator.sqlite.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
            try await allow("\(pages + 1)")
            let inBody = await failure {
                try await coordinator.transaction(.once) { txn in
                    try await txn.addUser(2)
                    try await txn.sqlite { try $0.execute(sql: "UPDATE users SET name = hex(zeroblob(100000))") }
                }
            }
            #expect("\(String(describing: inBody))".contains("full"))
            await expectFailure(.storeFailed, "nothing happened", "full") {
                try await coordinator.transaction(.once) { txn in
                    try await txn.addUser(3)
                    try await txn.redis.set("user:4", String(repeating: "x", count: 100_000))
                }
            }
            try await stores.expectUsers([1])
            try await allow("1000000")
            try await stores.expectWorks(after: [1])
        }
    }

    @Test(
        "† An I/O error from COMMIT: after a fence it is known that nothing happened, also after a crash",
        arguments: [BrokenLog.Fault.write, .sync])
    func fence(_ fault: BrokenLog.Fault) async throws {
        try await LiveStores.with { stores in
            try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
            await expectFailure(.storeFailed, "nothing happened", "I/O") {
                try await stores.coordinator.transaction(.once) { txn in
                    try await txn.addUser(2)
                    try await txn.sqlite { try BrokenLog.fail(fault, times: 1, of: $0) }
                }
            }
            // What a crash at this moment would leave.
            let copy = stores.folder + "/crashed.sqlite"
            try copyFile(stores.folder + "/records.sqlite", to: copy)
            try copyFile(stores.folder + "/records.sqlite-wal", to: copy + "-wal")
            let after = try DatabaseQueue(path: copy)
            let users = try await after.read { try Int.fetchAll($0, sql: "SELECT id FROM users") }
            #expect(users == [1])
            try after.close()
            try await stores.expectUsers([1])
            try await stores.expectWorks(after: [1])
        }
    }

    @Test(
        "† When the fence fails too, nobody guesses: the outcome is unknown, the coordinator stops, recovery tells",
        arguments: [BrokenLog.Fault.write, .sync])
    func unknown(_ fault: BrokenLog.Fault) async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                let (begun, never) = (Event(), Event())
                let bystander = Task {
                    try await coordinator.transaction(.once) { txn in
                        try await txn.redis.set("user:5", "x")
                        begun.happen()
                        await never.wait()
                    }
                }
                await begun.wait()
                await expectFailure(.outcomeUnknown, "recovery tells") {
                    try await coordinator.transaction(.once) { txn in
                        try await txn.addUser(2)
                        try await txn.sqlite { try BrokenLog.fail(fault, times: .max, of: $0) }
                    }
                }
                await expectFailure(.stopped, "open it again") {
                    try await coordinator.transaction(.once) { txn in try await txn.addUser(3) }
                }
                await expectFailure(.stopped) { try await coordinator.snapshot { _ in } }
                await expectFailure(.stopped) { try await bystander.value }
                never.happen()
            }
            try await stores.withCoordinator { coordinator in
                let users = try await coordinator.sqlite.read { try Int.fetchAll($0, sql: "SELECT id FROM users") }
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers(users, in: coordinator)
                #expect(users == [1] || users == [1, 2])
                try await coordinator.transaction { txn in try await txn.addUser(4) }
            }
        }
    }
}
