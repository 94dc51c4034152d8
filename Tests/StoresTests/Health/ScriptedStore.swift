import Pooling
import Stores
import Synchronization

/// A store over a real pool whose connections are nothing, and whose probe does what a test says: for what no engine can be made to do on
/// command, such as a probe that ignores cancellation.
final class ScriptedStore: StorePools {
    struct Connection: PoolableConnection {}

    enum ProbeScript: Sendable {
        case works
        case fails(String)
        /// Until the test lets it go, whether it is cancelled or not.
        case hangs
    }

    let kind: StoreKind
    let pool: ConnectionPool<Connection>
    let connectionBounds: ClosedRange<Int>
    let probes = Atomic<Int>(0)
    private let script = Mutex(ProbeScript.works)
    private let hanging = Mutex<[CheckedContinuation<Void, Never>]>([])

    init(
        _ kind: StoreKind, bounds: ClosedRange<Int> = 1...10, observer: (any PoolObserver)? = nil,
        drainTimeout: Duration = .seconds(10)
    ) throws {
        self.kind = kind
        connectionBounds = bounds
        var configuration = PoolConfiguration(minimumSize: bounds.lowerBound, maximumSize: bounds.upperBound)
        configuration.drainTimeout = drainTimeout
        pool = try ConnectionPool(
            name: kind.rawValue, configuration: configuration,
            factory: ConnectionFactory(open: { Connection() }, close: { _ in }), observer: observer)
    }

    func set(_ new: ProbeScript) { script.withLock { $0 = new } }

    func letGo() {
        let waiting = hanging.withLock { hanging in
            defer { hanging = [] }
            return hanging
        }
        for continuation in waiting { continuation.resume() }
    }

    var statuses: [NamedPoolStatus] { [NamedPoolStatus(name: pool.name, status: pool.status)] }
    var connectionLimit: Int { pool.status.maximum }

    func setConnectionLimit(_ limit: Int) throws(PoolError) {
        try pool.resize(minimum: connectionBounds.lowerBound, maximum: limit)
    }

    func start() { pool.start() }

    func probe() async throws {
        probes.add(1, ordering: .relaxed)
        switch script.withLock({ $0 }) {
        case .works: try await pool.withConnection { _ in }
        case .fails(let reason): throw ScriptedError(description: reason)
        case .hangs: await withCheckedContinuation { continuation in hanging.withLock { $0.append(continuation) } }
        }
    }

    @discardableResult
    func shutdown(within limit: Duration?) async -> PoolDrainReport { await pool.shutdown(within: limit) }
}

struct ScriptedError: Error, CustomStringConvertible {
    let description: String
}
