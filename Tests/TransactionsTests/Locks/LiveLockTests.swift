import GRDB
import GraphClient
import Testing

@testable import Transactions

/// Locks as users see them, on live stores.
@Suite struct LiveLockTests {
    @Test("T4: a named lock is held by one unit at a time, until its end")
    func named() async throws {
        try await LiveStores.with { stores in
            let (inside, most) = (Tally(), Tally())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await stores.coordinator.transaction { txn in
                            try await txn.lock("door")
                            if inside.add() > 1 { most.add() }
                            await Task.yield()
                            inside.add(-1)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(most.value == 0)
            try await stores.expectWorks(after: [])
        }
    }

    @Test(
        "T4, I7: a lock that is not free in time fails with what it is, who holds it and for how long",
        arguments: ["door", "key", "SQLite", "graph"])
    func timeout(_ what: String) async throws {
        try await LiveStores.with { stores in
            let (locked, done) = (Event(), Event())
            async let holder: Void = stores.coordinator.transaction { txn in
                try await txn.touch(what)
                locked.happen()
                await done.wait()
            }
            await locked.wait()
            let options = TransactionOptions(lockTimeLimit: .milliseconds(100), retry: .none)
            let words = ["door": "\"door\"", "key": "\"user:7\"", "SQLite": "SQLite", "graph": "the graph"]
            await expectFailure(.lockTimedOut, "held by unit", words[what] ?? "", "lockTimeLimit") {
                try await stores.coordinator.transaction(options) { txn in try await txn.touch(what) }
            }
            done.happen()
            try await holder
            if what == "key" {
                try await stores.coordinator.transaction { txn in try await txn.redis.delete("user:7") }
            }
            try await stores.expectWorks(after: [])
        }
    }

    @Test("T4: a deadlock is found at once, its circle is spelled out, and the one with the least work gives way")
    func deadlock() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            let (first, second) = (Event(), Event())
            let victim = Task {
                try await coordinator.transaction(.once) { txn in
                    try await txn.lock("b")
                    second.happen()
                    await first.wait()
                    try await txn.lock("a")
                }
            }
            try await coordinator.transaction(.once) { txn in
                try await txn.lock("a")
                try await txn.addUser(1)
                first.happen()
                await second.wait()
                try await txn.lock("b")
            }
            let error = await expectFailure(.deadlock, "the lock \"a\"", "the lock \"b\"", "waits for") {
                try await victim.value
            }
            #expect(error?.isTransient == true)
            #expect(await coordinator.counters.deadlocks == 1)
            try await stores.expectWorks(after: [1])
        }
    }

    @Test("T4: units that deadlock are run again until all are committed")
    func deadlocksResolve() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            let (meeting, rounds) = (Event(), 12)
            let arrived = Tally()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        var attempts = 0
                        for round in 0..<rounds {
                            let id = client * rounds + round
                            let (_, receipt) = try await coordinator.transactionWithReceipt { txn in
                                // Each begins at another place of the same ring.
                                for step in 0..<3 { try await txn.touch((client + step) % 4, id) }
                                if arrived.add() == 1 { meeting.happen() }
                            }
                            attempts += receipt.attempts
                        }
                        return attempts
                    }
                }
                for try await attempts in group { #expect(attempts >= rounds) }
            }
            let counters = await coordinator.counters
            #expect(counters.committed == 4 * rounds)
            // On a machine that stalls, groups may have been waiting for too long.
            #expect(counters.retries - counters.repeatedForOthers == counters.deadlocks)
            #expect(await coordinator.core.isAtRest)
        }
    }

    @Test("T4: a deadlock through a raised lock: two units read a key, then both write it")
    func raisedLocks() async throws {
        try await LiveStores.with { stores in
            let coordinator = stores.coordinator
            let (read, both) = (Tally(), Event())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        try await coordinator.transaction { txn in
                            let value = try await txn.redis.get("count", as: Int.self) ?? 0
                            if read.add() == 2 { both.happen() }
                            await both.wait()
                            try await txn.redis.set("count", "\(value + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await stores.redis.get("count") == "2")
            #expect(await coordinator.counters.deadlocks == 1)
        }
    }
}

extension Transaction {
    fileprivate func touch(_ what: String) async throws {
        switch what {
        case "key": try await redis.set("user:7", "x")
        case "SQLite": _ = try await sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
        case "graph": try await graph.query("MATCH (u:User) RETURN count(*)")
        default: try await lock(what)
        }
    }

    /// One of four places that can be locked, each in another store.
    fileprivate func touch(_ place: Int, _ id: Int) async throws {
        switch place {
        case 0: try await sqlite { try $0.execute(sql: "INSERT INTO users VALUES (?, '')", arguments: [id]) }
        case 1: try await graph.execute("CREATE (:User {id: $id, name: ''})", ["id": id])
        case 2: try await redis.increment("count")
        default: try await lock("door")
        }
    }
}
