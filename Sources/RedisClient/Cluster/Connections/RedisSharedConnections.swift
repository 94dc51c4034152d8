import Synchronization

/// One connection to each node, shared by all tasks; opened when first needed and again after it was lost, with waits that grow.
///
/// Blocking commands get a connection of their own for their time.
public final class RedisSharedConnections: RedisNodeConnections {
    private enum Place {
        case opening
        case open(RedisConnection)
        case failed(RedisError, until: ContinuousClock.Instant)
    }

    private struct State {
        var places: [RedisClusterNode: Place] = [:]
        var failures: [RedisClusterNode: Int] = [:]
        var jitter = JitterGenerator(seed: UInt64.random(in: 0...UInt64.max))
        var isClosed = false
    }

    private enum Decision {
        case use(RedisConnection)
        case open
        case wait
        case fail(RedisError)
    }

    private let connector: RedisNodeConnector
    private let state = Mutex(State())
    private let changed = Signal()
    private static let backOff = BackOff(first: .milliseconds(20), longest: .milliseconds(500))

    /// No connections yet.
    public init(_ connector: RedisNodeConnector) {
        self.connector = connector
    }

    /// Runs the closure with the node's shared connection, or with one of its own for a blocking command.
    public func withConnection<Value: Sendable>(
        to node: RedisClusterNode, isBlocking: Bool, deadline: ContinuousClock.Instant,
        _ body: @Sendable (RedisConnection) async -> Value
    ) async throws(RedisError) -> Value {
        guard isBlocking else { return await body(try await self.connection(to: node, deadline: deadline)) }
        if self.state.withLock({ $0.isClosed }) { throw .closedByClient }
        let connection = try await self.connector.connect(to: node)
        let value = await body(connection)
        await connection.close()
        return value
    }

    private func connection(
        to node: RedisClusterNode, deadline: ContinuousClock.Instant
    ) async throws(RedisError) -> RedisConnection {
        while true {
            let seen = self.changed.generation
            switch self.decide(node) {
            case .use(let connection): return connection
            case .fail(let error): throw error
            case .wait: break
            case .open:
                // Outlives the task that asked: others wait for it too, and the next will want it.
                Task { await self.open(node) }
            }
            await self.changed.wait(after: seen, until: deadline)
            if Task.isCancelled { throw RedisError.cancelled(sent: false).with(command: nil, endpoint: node.endpoint) }
            if ContinuousClock.now >= deadline {
                throw RedisError(
                    .connectTimeout, "the time was up before a connection was ready",
                    remedy: "Check whether the server is frozen or overloaded.", endpoint: node.endpoint)
            }
        }
    }

    private func decide(_ node: RedisClusterNode) -> Decision {
        self.state.withLock { state in
            if state.isClosed { return .fail(.closedByClient) }
            switch state.places[node] {
            case .open(let connection) where connection.isOpen: return .use(connection)
            case .opening: return .wait
            case .failed(let error, let until) where ContinuousClock.now < until: return .fail(error)
            case .open, .failed, nil:
                state.places[node] = .opening
                return .open
            }
        }
    }

    private func open(_ node: RedisClusterNode) async {
        let result: Result<RedisConnection, RedisError>
        do throws(RedisError) {
            result = .success(try await self.connector.connect(to: node))
        } catch {
            result = .failure(error)
        }
        let superfluous: RedisConnection? = self.state.withLock { state in
            switch result {
            case .success(let connection):
                if state.isClosed { return connection }
                state.places[node] = .open(connection)
                state.failures[node] = nil
            case .failure(let error):
                let failures = state.failures[node, default: 0] + 1
                state.failures[node] = failures
                let delay = Self.backOff.delay(afterFailures: failures, &state.jitter)
                state.places[node] = .failed(error, until: .now + delay)
            }
            return nil
        }
        self.changed.fire()
        await superfluous?.close()
    }

    /// Lets go of connections to nodes that have left; each is closed when its last reply has come, or after some seconds.
    public func keep(_ endpoints: Set<RedisEndpoint>) {
        let leaving = self.state.withLock { state in
            var leaving: [RedisConnection] = []
            for (node, place) in state.places where !endpoints.contains(node.endpoint) {
                switch place {
                case .opening: continue
                case .open(let connection): leaving.append(connection)
                case .failed: break
                }
                state.places[node] = nil
                state.failures[node] = nil
            }
            return leaving
        }
        for connection in leaving {
            Task {
                // Who got it just before has sent on it by then.
                try? await Task.sleep(for: .seconds(1))
                let limit = ContinuousClock.now + .seconds(10)
                while connection.pendingRequests > 0, ContinuousClock.now < limit {
                    try? await Task.sleep(for: .milliseconds(50))
                }
                await connection.close()
            }
        }
    }

    /// Closes all connections.
    public func close() async {
        let open = self.state.withLock { state in
            state.isClosed = true
            defer { state.places = [:] }
            return state.places.values.compactMap { if case .open(let connection) = $0 { connection } else { nil } }
        }
        self.changed.fire()
        for connection in open { await connection.close() }
    }
}
