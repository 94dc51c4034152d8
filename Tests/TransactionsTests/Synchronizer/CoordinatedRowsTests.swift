import GRDB
import Measurement
import RedisClient
import Testing

@testable import Transactions

@Suite("T7: transactions and the synchronizer") struct CoordinatedRowsTests {
    @Test("T7: a transaction that changes a mapped row changes its key in the same moment, without further work")
    func settles() async throws {
        try await FollowedStores.with { stores in
            try await stores.following { synchronizer in
                let rows = synchronizer.status.rows
                let (_, receipt) = try await stores.coordinator.transactionWithReceipt { txn in
                    try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'a', 'x', 0)") }
                    try await txn.sqlite { try $0.execute(sql: "UPDATE users SET city = 'y'") }
                }
                #expect(receipt.stores == [.sqlite, .redis] && receipt.isCacheApplied)
                try await stores.expectAgreement()
                #expect(try await stores.pendingChanges() == 0)
                #expect(synchronizer.status.rows == rows)
            }
        }
    }

    @Test(
        "T7: a key that a transaction sets itself stays as it said, and a savepoint that was taken back leaves no trace"
    )
    func ownWrite() async throws {
        struct Refused: Error {}
        try await FollowedStores.with { stores in
            try await stores.following { synchronizer in
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'a', 'x', 0)") }
                    try await txn.redis.set("user:1", "my own")
                    do {
                        try await txn.savepoint { txn in
                            try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (2, 'b', 'x', 0)") }
                            throw Refused()
                        }
                    } catch is Refused {}
                }
                try await synchronizer.waitUntilCurrent()
                #expect(try await stores.strings() == ["user:1": "my own"])
                try await stores.strangely("UPDATE users SET name = 'theirs'")
                try await synchronizer.waitUntilCurrent()
                try await stores.expectAgreement()
            }
        }
    }

    @Test("T7: a transaction with more rows than one step takes leaves them to the synchronizer") func many()
        async throws
    {
        var configuration = CacheSynchronizer.Configuration()
        configuration.batch = 10
        try await FollowedStores.with { [configuration] stores in
            try await stores.following(configuration: configuration) { synchronizer in
                try await stores.coordinator.transaction { txn in
                    try await txn.sqlite { database in
                        for id in 1...95 {
                            try database.execute(
                                sql: "INSERT INTO users VALUES (?, ?, 'x', 0)", arguments: [id, "\(id)"])
                        }
                    }
                }
                try await synchronizer.waitUntilCurrent()
                try await stores.expectAgreement()
                #expect(synchronizer.status.rows == 95)
            }
        }
    }

    @Test(
        "T7: random changes by transactions, plain writes and another program at the same time end in agreement",
        arguments: [1, 2])
    func random(seed: UInt64) async throws {
        try await FollowedStores.with { stores in
            var configuration = CacheSynchronizer.Configuration()
            configuration.batch = 20
            try await stores.following(configuration: configuration) { synchronizer in
                let source = SplitMix64(seed: seed)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<6 {
                        group.addTask {
                            var random = source.split(writer)
                            for _ in 0..<60 {
                                let (sql, arguments) = Self.change(&random)
                                switch writer % 3 {
                                case 0: try await stores.strangely(sql, arguments)
                                case 1:
                                    try await stores.coordinator.sqlite.write {
                                        try $0.execute(sql: sql, arguments: arguments)
                                    }
                                default:
                                    try await stores.coordinator.transaction { txn in
                                        try await txn.sqlite { try $0.execute(sql: sql, arguments: arguments) }
                                    }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await synchronizer.waitUntilCurrent()
                try await stores.expectAgreement()
                #expect(try await stores.pendingChanges() == 0)
            }
        }
    }

    private static func change(_ random: inout SplitMix64) -> (String, StatementArguments) {
        let id = Int.random(in: 1...30, using: &random), other = Int.random(in: 1...30, using: &random)
        let name = "name \(Int.random(in: 1...30, using: &random))"
        return switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: ("INSERT OR REPLACE INTO users VALUES (?, ?, 'x', 0)", [id, name])
        case 2: ("UPDATE OR REPLACE users SET name = ? WHERE id = ?", [name, id])
        case 3: ("UPDATE OR REPLACE users SET id = ? WHERE id = ?", [other, id])
        case 4: ("UPDATE users SET city = ? WHERE id BETWEEN ? AND ?", [name, id, id + 5])
        default: ("DELETE FROM users WHERE id = ?", [id])
        }
    }
}
