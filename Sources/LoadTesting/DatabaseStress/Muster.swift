import GRDB
import GraphClient
import Measurement
import Pooling
import RedisClient
import Stores
import Synchronization

/// Holds many connections of each store in use at one moment, and measures what they cost.
struct Muster: Sendable {
    static let graphConnections = 50
    static let redisConnections = 100
    static let sqliteConnections = 30

    let engines: LiveEngines

    /// Counts and memory of each store, with all connections of all stores held until the last of them has done its
    /// work.
    func run() async throws -> [CheckResult] {
        let everyone = Gathering(Self.graphConnections + Self.redisConnections + Self.sqliteConnections)
        let memory = Mutex<[StoreKind: Double]>([:])
        let peaks = try await withThrowingTaskGroup(of: Void.self) { group in
            // One store after the other, so that its share of the memory can be told.
            for kind in StoreKind.allCases {
                let before = ProcessMemory.resident()
                let count = count(of: kind)
                let own = Gathering(count)
                for number in 0..<count {
                    group.addTask {
                        do {
                            try await hold(kind, number) {
                                await own.count()
                                await everyone.arrive()
                            }
                        } catch {
                            // Whoever can't come must not keep the others waiting.
                            await own.count()
                            await everyone.count()
                            throw error
                        }
                    }
                }
                await own.wait()
                let grown = max(0, ProcessMemory.resident() - before)
                memory.withLock { $0[kind] = Double(grown) / Double(count) / 1_048_576 }
            }
            await everyone.wait()
            let server = try await serverMemory()
            memory.withLock { $0[.redis, default: 0] += server }
            let peaks = [engines.sqlite as any StorePools, engines.graph, engines.redis].map(inUse)
            await everyone.release()
            try await group.waitForAll()
            return peaks
        }
        let targets: [(StoreKind, Target, Target, Int)] = [
            (.sqlite, .sqliteConnections, .sqliteMemory, peaks[0]), (.graph, .graphConnections, .graphMemory, peaks[1]),
            (.redis, .redisConnections, .redisMemory, peaks[2]),
        ]
        return targets.flatMap { kind, connections, perConnection, peak in
            let megabytes = memory.withLock { $0[kind] ?? 0 }
            return [
                CheckResult(connections, value: Double(peak), samples: 1),
                CheckResult(perConnection, value: (megabytes * 1_000).rounded() / 1_000, samples: peak),
            ]
        }
    }

    /// What redis-server holds for a connection, in megabytes: its own count of buffers and structures.
    private func serverMemory() async throws -> Double {
        let clients = try await engines.redis.send(RedisCommand("CLIENT", "LIST"), as: String.self)
        let sizes = clients.split(whereSeparator: \.isWhitespace).compactMap { field in
            field.hasPrefix("tot-mem=") ? Double(field.dropFirst("tot-mem=".count)) : nil
        }
        return sizes.reduce(0, +) / Double(max(1, sizes.count)) / 1_048_576
    }

    private func count(of kind: StoreKind) -> Int {
        switch kind {
        case .sqlite: Self.sqliteConnections
        case .graph: Self.graphConnections
        case .redis: Self.redisConnections
        }
    }

    private func inUse(_ store: any StorePools) -> Int {
        store.statuses.reduce(0) { $0 + $1.status.leased }
    }

    /// Holds a connection that has done something until all are there.
    private func hold(_ kind: StoreKind, _ number: Int, _ meet: @Sendable () async -> Void) async throws {
        switch kind {
        case .sqlite:
            try await engines.sqlite.withReader { session in
                _ = try await session.read { db in
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM users WHERE id > ?", arguments: [number])
                }
                await meet()
            }
        case .graph:
            try await engines.graph.withReader { session in
                _ = try await session.query("MATCH (u:User {id: $id}) RETURN u.handle", ["id": number + 1])
                await meet()
            }
        case .redis:
            try await engines.redis.withConnection { redis in
                _ = try await redis.get("stress:\(number)")
                await meet()
            }
        }
    }
}

/// A meeting of tasks: each that arrives waits until it is released.
private actor Gathering {
    private let expected: Int
    private var arrived = 0
    private var isReleased = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var host: [CheckedContinuation<Void, Never>] = []

    init(_ expected: Int) {
        self.expected = expected
    }

    func count() {
        arrived += 1
        guard arrived == expected else { return }
        for continuation in host { continuation.resume() }
        host = []
    }

    func arrive() async {
        count()
        guard !isReleased else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Until all have arrived.
    func wait() async {
        guard arrived < expected else { return }
        await withCheckedContinuation { host.append($0) }
    }

    func release() {
        isReleased = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
