import GraphClient
import LocalEngines
import Measurement
import Pooling
import Stores

/// A small pool of one store, with short times, to be led through its life.
struct PoolSubject: Sendable {
    static let maximum = 6
    static let leakThreshold: Duration = .milliseconds(100)

    let kind: StoreKind
    let pools: any StorePools
    /// Holds a connection, for which it waits at most so long, while the closure runs.
    let hold: @Sendable (Duration?, @Sendable () async throws -> Void) async throws -> Void

    /// Where connections can be held: the readers, or Redis's one pool.
    var status: PoolStatus { pools.statuses[0].status }

    static func open(
        _ kind: StoreKind, _ engines: LiveEngines, in folder: TemporaryDirectory, _ observer: ConnectTimes
    ) async throws -> PoolSubject {
        var general = PoolConfiguration()
        general.idleTimeout = .milliseconds(150)
        general.maximumLifetime = .milliseconds(600)
        general.leakThreshold = leakThreshold
        let observers: PoolObservers = { _ in observer.observer(of: kind) }
        switch kind {
        case .sqlite:
            var configuration = SQLitePoolConfiguration()
            configuration.minimumConnections = 3
            configuration.maximumConnections = maximum + 1
            configuration.pool = general
            let pool = try await SQLitePool.open(
                at: folder.path(of: "lifecycle.sqlite"), configuration: configuration, observers: observers)
            return PoolSubject(kind: kind, pools: pool) { limit, body in
                try await pool.withReader(timeout: limit) { session in
                    _ = try await session.read { try $0.schemaVersion() }
                    try await body()
                }
            }
        case .graph:
            var configuration = GraphPoolConfiguration()
            configuration.minimumConnections = 3
            configuration.maximumConnections = maximum + 1
            configuration.pool = general
            let pool = try await GraphPool.open(
                at: folder.path(of: "lifecycle.graph"), configuration: configuration, observers: observers)
            return PoolSubject(kind: kind, pools: pool) { limit, body in
                try await pool.withReader(timeout: limit) { session in
                    _ = try await session.query("RETURN 1")
                    try await body()
                }
            }
        case .redis:
            var configuration = RedisPoolConfiguration()
            configuration.pool = general
            configuration.pool.minimumSize = 2
            configuration.pool.maximumSize = maximum
            let pool = try RedisPool(
                to: engines.server.endpoint, configuration: configuration, name: "lifecycle", observers: observers)
            return PoolSubject(kind: kind, pools: pool) { limit, body in
                try await pool.withConnection(timeout: limit) { redis in
                    _ = try await redis.ping()
                    try await body()
                }
            }
        }
    }
}

/// How long connections took to open, by store.
final class ConnectTimes: Sendable {
    private let times = Dictionary(uniqueKeysWithValues: StoreKind.allCases.map { ($0, SharedLatencyRecorder()) })

    func recorder(of kind: StoreKind) -> LatencyRecorder { times[kind]?.snapshot() ?? LatencyRecorder() }

    func observer(of kind: StoreKind) -> any PoolObserver { Observer(times: times[kind]) }

    private struct Observer: PoolObserver {
        let times: SharedLatencyRecorder?

        func record(_ event: PoolEvent) {
            if case .opened(let took) = event { times?.record(took) }
        }
    }
}
