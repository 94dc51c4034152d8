import Logging

/// Performs what the router decides: sends, waits, asks for the topology. One task drives each command, so that cancelling it ends
/// whatever it waits for.
final class ClusterCore: Sendable {
    let configuration: RedisClusterClient.Configuration
    let shared: SharedRouter
    let connections: any RedisNodeConnections
    let learned = LearnedCommands()
    let logger: Logger
    private let seeds: [RedisEndpoint]

    init(
        seeds: [RedisEndpoint], configuration: RedisClusterClient.Configuration, logger: Logger,
        connections: @Sendable (RedisNodeConnector) -> any RedisNodeConnections
    ) {
        self.seeds = seeds
        self.configuration = configuration
        self.logger = logger
        var rules = ClusterRouter.Rules()
        rules.maximumRedirections = max(0, configuration.maximumRedirections)
        rules.readsFromReplicas = configuration.reads == .fromReplicas
        rules.translate = configuration.translate
        let shared = SharedRouter(
            ClusterRouter(
                rules: rules,
                refresh: RefreshSchedule(
                    interval: configuration.refreshInterval,
                    gap: BackOff(first: .milliseconds(200), longest: .seconds(1)), now: .now),
                seed: UInt64.random(in: 0...UInt64.max)))
        self.shared = shared
        self.connections = connections(
            RedisNodeConnector(configuration: configuration.connection, logger: logger) { _ in
                shared.connectionLost()
            })
    }

    func close() async {
        self.shared.close()
        await self.connections.close()
    }

    // MARK: Calls

    func call(_ target: RoutedCall.Target, isRead: Bool = false, timeout: RedisCommand.Timeout) -> RoutedCall {
        let now = ContinuousClock.now
        let limit: Duration? =
            switch timeout {
            case .connection: self.configuration.connection.commandTimeout
            case .after(let duration): duration
            case .never: nil
            }
        return RoutedCall(
            target, isRead: isRead, started: now, deadline: limit.map { now + $0 },
            patience: self.configuration.patience)
    }

    /// Leads a call to its end.
    ///
    /// - Parameter attempt: sends on a connection, after ASKING if `asks`.
    func perform<Value: Sendable>(
        _ call: RoutedCall, isBlocking: Bool = false,
        _ attempt:
            @Sendable (RedisConnection, _ asks: Bool, _ timeout: RedisCommand.Timeout) async -> Result<
                Value, RedisError
            >
    ) async -> Result<Value, RedisError> {
        var call = call
        var seen = self.shared.topologyChanged.generation
        var step = self.shared.next(&call)
        while true {
            switch step {
            case .fail(let error):
                return .failure(error)
            case .wait(let until, let untilNewTopology):
                do throws(RedisError) {
                    try await self.shared.wait(until: until, untilNewTopology: untilNewTopology, seen: seen)
                } catch {
                    return .failure(error)
                }
                seen = self.shared.topologyChanged.generation
                step = self.shared.next(&call)
            case .send(let hop):
                let failure: ClusterRouter.Failure
                do throws(RedisError) {
                    let result = try await self.connections.withConnection(
                        to: hop.node, isBlocking: isBlocking, deadline: call.retryUntil
                    ) { [deadline = call.deadline] connection in
                        await attempt(connection, hop.asks, Self.timeout(until: deadline))
                    }
                    guard case .failure(let error) = result else { return result }
                    failure = .reply(error)
                } catch {
                    failure = .connection(error)
                }
                if self.shared.isClosed { return .failure(failure.error) }
                seen = self.shared.topologyChanged.generation
                step = self.shared.judge(&call, failure, at: hop)
            }
        }
    }

    /// What is left of the operation's time, for one send.
    static func timeout(until deadline: ContinuousClock.Instant?) -> RedisCommand.Timeout {
        guard let deadline else { return .never }
        return .after(max(.milliseconds(1), deadline - .now))
    }

    // MARK: Topology

    /// Refreshes whenever it is due, until the task is cancelled or the client closed.
    func run() async {
        while !Task.isCancelled, !self.shared.isClosed {
            let seen = self.shared.refreshWanted.generation
            let (begins, due) = self.shared.update { ($0.refresh.begin(now: .now), $0.refresh.due) }
            if begins {
                _ = await self.refresh()
            } else {
                await self.shared.refreshWanted.wait(after: seen, until: due)
            }
        }
    }

    /// Asks nodes for the topology, one after the other, until one tells all of it; if none does, the most complete is taken.
    ///
    /// - Returns: why, when nobody told any.
    func refresh() async -> [RedisError] {
        let known = self.shared.update { router in router.shuffled(router.map.nodes) }
        var best: SlotMap?
        var errors: [RedisError] = []
        var asked: Set<RedisEndpoint> = []
        for endpoint in known + self.seeds where asked.insert(endpoint).inserted && !self.shared.isClosed {
            switch await self.topology(from: endpoint) {
            case .success(let map):
                if map.coveredSlots > best?.coveredSlots ?? 0 { best = map }
            case .failure(let error):
                errors.append(error)
            }
            if best?.coveredSlots == RedisHashSlot.count { break }
        }
        let hasChanged = self.shared.update { [best] router in router.finishRefresh(best, now: .now) }
        if let best {
            self.connections.keep(Set(best.nodes + self.seeds))
            if hasChanged {
                self.logger.debug(
                    "The cluster's topology has changed.",
                    metadata: ["masters": "\(best.masters.count)", "slots": "\(best.coveredSlots)"])
                self.shared.topologyChanged.fire()
            }
            return []
        }
        return errors
    }

    private func topology(from endpoint: RedisEndpoint) async -> Result<SlotMap, RedisError> {
        let timeout = self.configuration.topologyTimeout
        let reader = TopologyReader(
            asked: endpoint, usesTLS: self.configuration.connection.tls.context != nil,
            translate: self.configuration.translate)
        do throws(RedisError) {
            let result = try await self.connections.withConnection(
                to: RedisClusterNode(endpoint), isBlocking: false, deadline: .now + timeout
            ) { connection -> Result<SlotMap, RedisError> in
                var command = RedisCommand("CLUSTER SHARDS")
                command.timeout = .after(timeout)
                do throws(RedisError) {
                    if let map = reader.shards(try await connection.send(command)) { return .success(map) }
                } catch {
                    // Before Redis 7 there is no such subcommand.
                    guard error.reply != nil else { return .failure(error) }
                }
                command = RedisCommand("CLUSTER SLOTS")
                command.timeout = .after(timeout)
                do throws(RedisError) {
                    if let map = reader.slots(try await connection.send(command)) { return .success(map) }
                } catch {
                    return .failure(error)
                }
                return .failure(.noSlots(endpoint))
            }
            return result
        } catch {
            return .failure(error)
        }
    }
}

extension RedisError {
    static func noSlots(_ endpoint: RedisEndpoint) -> RedisError {
        RedisError(
            .unexpectedReply, "the node knows no master with slots",
            remedy: "Check that the node belongs to the cluster (CLUSTER NODES).", command: "CLUSTER SLOTS",
            endpoint: endpoint)
    }

    static func noTopology(_ errors: [RedisError]) -> RedisError {
        let causes = errors.map { "\($0.endpoint.map { "\($0): " } ?? "")\($0.message)" }.joined(separator: "; ")
        return RedisError(
            errors.count == 1 ? errors[0].code : .clusterUnavailable,
            "no node told the cluster's topology: \(causes.isEmpty ? "no seed nodes were given" : causes)",
            remedy: errors.first?.remedy ?? "Give the endpoints of one or more nodes.", reply: errors.first?.reply,
            endpoint: errors.first?.endpoint, underlying: errors.first)
    }
}
