import Foundation
import GRDB
import GraphClient
import LocalEngines
import Logging
import Stores
import Synchronization
import Testing
import Threads

@testable import Transactions

/// The graph failing after the decision.
@Suite struct GraphFaultTests {
    @Test(
        "I1, † The graph's disk is full at its commit, after the decision: nothing more is written to it, and recovery does it again"
    )
    func diskFull() async throws {
        try await DurableStores.with { stores in
            try await stores.withCoordinator { coordinator in
                try await coordinator.lengthenGraphLog()
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                let limit = try FileLimit(sizeOf: stores.graph + ".wal")
                try await limit.during {
                    let (_, receipt) = try await coordinator.transactionWithReceipt { txn in try await txn.addUser(2) }
                    #expect(receipt.number != nil && !receipt.isGraphApplied)
                    await expectFailure(.stopped, "the graph failed", "open them again", "Cannot write") {
                        try await coordinator.transaction(.once) { txn in try await txn.addUser(3) }
                    }
                }
                await expectFailure(.stopped) { try await coordinator.snapshot { _ in } }
            }
            try await stores.withCoordinator { coordinator in
                // Whether the engine got its commit to the disk after all is its own affair.
                #expect(coordinator.recovery.graphReplayed <= 1)
                try await stores.untilCaughtUp(coordinator)
                try await stores.expectUsers([1, 2], in: coordinator)
                try await coordinator.transaction { txn in try await txn.addUser(4) }
            }
            try await stores.withCoordinator { try await stores.expectUsers([1, 2, 4], in: $0) }
        }
    }

    @Test(
        "T2, I7: the graph fails before its commit, after the decision: it is done again, and others wait with errors")
    func failsForAWhile() async throws {
        try await DurableStores.with { stores in
            try await stores.withFailingGraph { coordinator, graph in
                try await coordinator.transaction { txn in try await txn.addUser(1) }
                graph.isFailing.withLock { $0 = true }
                let unit = Task {
                    try await coordinator.transactionWithReceipt { txn in try await txn.addUser(2) }
                }
                while await coordinator.counters.graphRedone < 2 { try await Task.sleep(for: .milliseconds(2)) }
                await expectFailure(.snapshotTooOld, "a commit was under way") {
                    try await coordinator.snapshot { _ in }
                }
                await expectFailure(.lockTimedOut, "held by unit") {
                    try await coordinator.transaction(.init(lockTimeLimit: .milliseconds(50), retry: .none)) { txn in
                        try await txn.addUser(3)
                    }
                }
                async let late = coordinator.snapshot { snapshot in
                    try await snapshot.graph("MATCH (u:User) RETURN count(*)").scalar(Int.self)
                }
                graph.isFailing.withLock { $0 = false }
                let (_, receipt) = try await unit.value
                #expect(receipt.isGraphApplied && receipt.stores == [.sqlite, .graph, .redis])
                #expect(try await late == 2)
                try await stores.expectUsers([1, 2], in: coordinator)
            }
        }
    }

    @Test("I7: whoever has only seen what is decided is not held up by a graph that follows late")
    func readsMeanwhile() async throws {
        try await DurableStores.with { stores in
            try await stores.withFailingGraph { coordinator, graph in
                graph.isFailing.withLock { $0 = true }
                let unit = Task { try await coordinator.transaction { txn in try await txn.addUser(1) } }
                while await coordinator.counters.graphRedone < 1 { try await Task.sleep(for: .milliseconds(2)) }
                let told = Tally()
                let reader = Task {
                    try await coordinator.transaction { txn in try await txn.lock("mine") }
                    told.add()
                }
                while told.value == 0, await coordinator.counters.graphRedone < 12 {
                    try await Task.sleep(for: .milliseconds(2))
                }
                #expect(told.value == 1)
                graph.isFailing.withLock { $0 = false }
                try await reader.value
                try await unit.value
            }
        }
    }

    @Test("I7: a caller is told when the graph does not follow within its time; the unit keeps its locks until it has")
    func tellsInTime() async throws {
        try await DurableStores.with { stores in
            try await stores.withFailingGraph { coordinator, graph in
                graph.isFailing.withLock { $0 = true }
                let options = TransactionOptions(timeLimit: .seconds(1))
                let (_, receipt) = try await coordinator.transactionWithReceipt(options) { txn in
                    try await txn.addUser(1)
                }
                #expect(receipt.number == 1 && !receipt.isGraphApplied)
                graph.isFailing.withLock { $0 = false }
                try await coordinator.transaction { txn in try await txn.addUser(2) }
                try await stores.expectUsers([1, 2], in: coordinator)
                #expect(await coordinator.core.isAtRest)
            }
        }
    }

    @Test(
        "T5, I5: units that only create are done again many at a time, and one by one where the engine refuses that",
        arguments: [false, true])
    func batches(refused: Bool) async throws {
        try await DurableStores.with { stores in
            try await stores.addUser(1)
            try stores.backUp(stores.graph, as: "old.graph")
            try await stores.withCoordinator { coordinator in
                for id in 2...150 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
                // In the midst of such units, what depends on their order.
                try await coordinator.transaction { txn in
                    try await txn.graph.execute("MATCH (u:User {id: $id}) SET u.name = $name", ["id": 7, "name": "b"])
                    try await txn.graph.execute("MATCH (u:User {id: $id}) DELETE u", ["id": 8])
                    try await txn.graph.execute("CREATE (:User {id: $id, name: $name})", ["id": 8, "name": nil])
                    for id in 501...510 {
                        try await txn.graph.execute(
                            "CREATE (:User {id: $id, name: $name})", ["id": id, "name": "é '\(id)' \\ $id"])
                    }
                }
                for id in 151...300 { try await coordinator.transaction { txn in try await txn.addUser(id) } }
            }
            func users(_ coordinator: Coordinator) async throws -> [GraphRow] {
                try await coordinator.snapshot { snapshot in
                    Array(try await snapshot.graph("MATCH (u:User) RETURN u.id, u.name ORDER BY u.id"))
                }
            }
            let expected = try await stores.withCoordinator { try await users($0) }
            #expect(expected.count == 310)
            try stores.restore(stores.graph, from: "old.graph")
            try await stores.withFailingGraph(refusesBatches: refused) { coordinator, graph in
                #expect(coordinator.recovery.graphReplayed == 300)
                #expect(graph.refusedBatches.load(ordering: .relaxed) == (refused ? 3 : 0))
                let found = try await users(coordinator)
                #expect(found.map(\.values) == expected.map(\.values))
                try await coordinator.transaction { txn in try await txn.addUser(400) }
            }
        }
    }

    @Test("I1: closed while the graph is behind, the coordinator ends in time, and recovery brings the graph there")
    func closedBehind() async throws {
        try await DurableStores.with { stores in
            try await stores.withFailingGraph(closingWithin: .milliseconds(50)) { coordinator, graph in
                graph.isFailing.withLock { $0 = true }
                try await coordinator.transaction(TransactionOptions(timeLimit: .seconds(2))) { txn in
                    try await txn.addUser(1)
                }
            }
            try await stores.withCoordinator { coordinator in
                #expect(coordinator.recovery.graphReplayed == 1)
                try await stores.expectUsers([1], in: coordinator)
            }
        }
    }
}

/// The live graph, whose commits fail before the engine sees them for as long as somebody says so.
final class FailingGraph: GraphParticipant {
    let base: KuzuParticipant
    let isFailing = Mutex(false)
    let refusesBatches: Bool
    let refusedBatches = Atomic(0)

    init(_ base: KuzuParticipant, refusesBatches: Bool = false) {
        self.base = base
        self.refusesBatches = refusesBatches
    }

    func commit(number: UInt64) throws {
        if isFailing.withLock({ $0 }) { throw Refused() }
        try base.commit(number: number)
    }

    var mustPrepare: Bool { base.mustPrepare }
    func acquire() async throws { try await base.acquire() }
    func release() { base.release() }
    func begin(expecting number: UInt64?) throws { try base.begin(expecting: number) }
    func rollback() { base.rollback() }
    func checkOpen() throws { try base.checkOpen() }
    func replay(_ redo: [GraphRedo], inBatches: Bool) throws {
        if inBatches, refusesBatches {
            // In the midst of it, as the engine would.
            try base.replay(Array(redo.prefix(20)), inBatches: true)
            refusedBatches.wrappingAdd(1, ordering: .relaxed)
            throw Refused()
        }
        try base.replay(redo, inBatches: inBatches)
    }
    func marker() throws -> UInt64 { try base.marker() }
    func identity() throws -> String? { try base.identity() }
    func adopt(_ identity: String) throws { try base.adopt(identity) }
    func prepareToBegin() async throws -> Bool { try await base.prepareToBegin() }
    func load() throws -> CheckpointPolicy.Load { try base.load() }
    func trimMarkers() throws { try base.trimMarkers() }
    func checkpoint() async throws { try await base.checkpoint() }
    func check(_ write: PutOffWrite) throws { try base.check(write) }
    func runPutOff(_ writes: [PutOffWrite]) throws { try base.runPutOff(writes) }
    func interrupt() { base.interrupt() }
    func perform(_ cypher: String, _ parameters: GraphParameters) throws -> (GraphResult, GraphRedo?) {
        try base.perform(cypher, parameters)
    }
}

extension DurableStores {
    /// As `withCoordinator`, with a graph that can be made to fail, on stores that were closed in order.
    fileprivate func withFailingGraph(
        closingWithin limit: Duration = .seconds(30), refusesBatches: Bool = false,
        _ body: (Coordinator, FailingGraph) async throws -> Void
    ) async throws {
        let lock = try CoordinatorLock(forDatabaseAt: sqlite)
        let lane = ThreadExecutor(name: "trivet-lane")
        let logger = Logger(label: "test")
        var configuration = DurableStores.configuration
        configuration.maximumSnapshotAge = .milliseconds(300)
        let records = try await SQLitePool.open(at: sqlite, lane: lane)
        let relationships = try await GraphPool.open(at: graph, lane: lane)
        let failing = FailingGraph(KuzuParticipant(relationships), refusesBatches: refusesBatches)
        let redis = redis
        let recovery = Recovery(
            lane: lane, decision: SQLiteParticipant(records, retention: Journal.Retention(configuration)),
            graph: failing,
            cache: {
                RedisParticipant(redis: redis, identity: $0.identity, epoch: $0.epoch, opened: $0.lastNumber)
            }, configuration: configuration, logger: logger)
        let outcome = try await recovery.run()
        let core = await CoordinatorCore.begin(
            after: recovery, outcome, lane: lane, clock: RealClock(), seed: 1)
        let coordinator = Coordinator(
            sqlite: records, graph: relationships, core: core, recovery: outcome.report, lock: lock, executor: lane)
        let result: Result<Void, any Error>
        do { result = .success(try await body(coordinator, failing)) } catch { result = .failure(error) }
        await coordinator.close(within: limit)
        await relationships.shutdown(within: .seconds(10))
        await records.shutdown(within: .seconds(10))
        try result.get()
    }
}

extension Coordinator {
    /// Makes the graph's log the longest file that this process writes to.
    fileprivate func lengthenGraphLog() async throws {
        try await transaction { txn in
            try await txn.graph.execute(
                "UNWIND range(1, 16) AS i CREATE (:User {id: i, name: lpad('x', 1000000, 'x')})")
        }
        try await transaction { txn in try await txn.graph.execute("MATCH (u:User) DELETE u") }
    }
}

/// The longest that a file of this process may become: what is written beyond fails as on a full disk.
struct FileLimit {
    private let bytes: UInt64

    init(sizeOf path: String) throws {
        bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64 ?? 0
    }

    func during(_ body: () async throws -> Void) async throws {
        signal(SIGXFSZ, SIG_IGN)
        let before = change(to: rlim_t(bytes))
        defer { change(to: before) }
        try await body()
    }

    @discardableResult
    private func change(to bytes: rlim_t) -> rlim_t {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
            let resource = RLIMIT_FSIZE
        #endif
        var limit = rlimit()
        getrlimit(resource, &limit)
        let before = limit.rlim_cur
        limit.rlim_cur = bytes
        setrlimit(resource, &limit)
        return before
    }
}
