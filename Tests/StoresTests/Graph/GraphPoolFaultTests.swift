import GraphClient
import Measurement
import Pooling
import Stores
import Testing
import TrivetTesting

@Suite("P5: faults and cancellation of the graph's pools", .timeLimit(.minutes(5)))
struct GraphPoolFaultTests {
    @Test("P5: under load, endless queries are ended by their limit; the others go on, and no connection leaks")
    func timeLimit() async throws {
        try await GraphPool.withPool({ configuration in
            configuration.maximumConnections = 5
            // Far above what the others take, also on a busy machine.
            configuration.readTimeLimit = .seconds(2)
        }) { pool in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let error = await Embedded.error { try await pool.read { try $0.queryForEver() } }
                        guard case .timedOut(_, .seconds(2))? = error as? GraphError else {
                            Issue.record("\(String(describing: error))")
                            return
                        }
                    }
                }
                for id in 0..<40 {
                    group.addTask { _ = try await pool.count() }
                    group.addTask { try await pool.insert(id) }
                }
                try await group.waitForAll()
            }
            #expect(ContinuousClock.now - start < .seconds(2 + 10))
            await pool.expectSettled()
            let count = try await pool.count()
            #expect(count == 40)
        }
    }

    @Test("P5: when endless queries hold every reader, those who wait are told who, and cancelling frees them")
    func exhausted() async throws {
        try await GraphPool.withPool({ $0.maximumConnections = 5 }) { pool in
            let began = Arrivals()
            let endless = (0..<4).map { _ in
                Task {
                    try await pool.read { connection in
                        began.arrive()
                        try connection.queryForEver()
                    }
                }
            }
            await began.wait(for: 4)
            let error = await Embedded.error { try await pool.read(timeout: .milliseconds(100)) { _ in } }
            let refusal = try #require(error as? PoolError)
            #expect(refusal.code == .acquireTimedOut)
            #expect(refusal.holders.count == 4)
            #expect("\(refusal)".contains("GraphPoolFaultTests.swift"))
            // The writer's lane is apart.
            try await pool.insert(1)
            async let waiting = pool.count()
            for task in endless { task.cancel() }
            let count = try await waiting
            #expect(count == 1)
            for task in endless {
                let error = await Embedded.error { try await task.value }
                #expect(error is CancellationError)
            }
            await pool.expectSettled()
        }
    }

    @Test("P5: a cancelled write is rolled back as a whole and says so")
    func cancelledWrite() async throws {
        try await GraphPool.withPool { pool in
            let began = Arrivals()
            let task = Task {
                try await pool.write { connection in
                    try connection.execute("CREATE (:User {id: 1})")
                    began.arrive()
                    try connection.queryForEver()
                }
            }
            await began.wait()
            task.cancel()
            let error = await Embedded.error { try await task.value }
            #expect(error is CancellationError)
            let count = try await pool.count()
            #expect(count == 0)
            try await pool.insert(1)
            await pool.expectSettled()
        }
    }

    @Test("P5: a shutdown's deadline interrupts what runs and says so; the database can be opened again afterwards")
    func drainDeadline() async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await GraphPool.open(at: folder.path(of: "graph"))
            try await pool.createTable()
            let began = Arrivals()
            let reading = Task {
                try await pool.read { connection in
                    began.arrive()
                    try connection.queryForEver()
                }
            }
            let writing = Task {
                try await pool.write { connection in
                    try connection.execute("CREATE (:User {id: 1})")
                    began.arrive()
                    try connection.queryForEver()
                }
            }
            await began.wait(for: 2)
            let report = await pool.shutdown(within: .milliseconds(50))
            #expect(report.remainingHolders.count == 2)
            for task in [reading, writing] {
                let error = await Embedded.error { try await task.value }
                #expect((error as? PoolError)?.code == .connectionRevoked)
            }
            let refused = await Embedded.error { try await pool.count() }
            #expect((refused as? PoolError)?.code == .shutDown)
            // Once the last session has come back, which has happened, the database is closed.
            await Embedded.eventually("the database can be opened again") {
                guard let again = try? await GraphPool.open(at: pool.path) else { return false }
                let count = try? await again.count()
                await again.shutdown()
                return count == 0
            }
        }
    }

    @Test("P5: storms of cancellation leave the counts right, and what was not confirmed unwritten", arguments: 1...3)
    func storm(seed: UInt64) async throws {
        try await GraphPool.withPool({ $0.maximumConnections = 5 }) { pool in
            var generator = SplitMix64(seed: seed)
            let confirmed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    let action = Int.random(in: 0..<5, using: &generator)
                    let delay = Duration.microseconds(Int.random(in: 0..<20_000, using: &generator))
                    let isCancelled = action == 0 || Bool.random(using: &generator)
                    group.addTask {
                        let task = Task { try await Self.act(action, number, on: pool) }
                        if isCancelled {
                            try await Task.sleep(for: delay)
                            task.cancel()
                        }
                        do {
                            return try await task.value
                        } catch is CancellationError where isCancelled {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            await pool.expectSettled()
            let count = try await pool.count()
            #expect(count == confirmed)
        }
    }

    /// Whether a row was written.
    private static func act(_ action: Int, _ number: Int, on pool: GraphPool) async throws -> Bool {
        switch action {
        case 0: try await pool.read { try $0.queryForEver() }
        case 1: _ = try await pool.count()
        case 2:
            try await pool.withReader { session in
                for _ in 0..<3 { try await session.execute("MATCH (u:User) RETURN count(*)") }
            }
        default:
            try await pool.write { try $0.execute("CREATE (:User {id: $id})", ["id": number]) }
            return true
        }
        return false
    }
}
