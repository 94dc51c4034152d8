/// Decides where commands go and what their answers mean: the rules of the cluster client.
///
/// A plain value: it is told what happened and says what to do next; it neither reads a clock nor sends anything. The shell
/// (``ClusterCore``) does what it says, one task for each command.
///
/// Invariants (ClusterRouterRandomTests checks them on random sequences):
/// - Nothing that may have run is sent again. Redirections, refusals of a cluster that is changing, and connections that could not be
///   opened are known not to have run anything.
/// - A command is redirected at most `maximumRedirections` times, and after a few only with waits in between.
/// - Every command comes to an end: waits end at the latest when its time is up.
/// - A topology is asked for again only as ``RefreshSchedule`` allows.
struct ClusterRouter: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Step: Sendable {
        case send(RoutedCall.Hop)
        /// Then ask ``next(_:now:)`` again. With `untilNewTopology` that is also right as soon as the map has changed.
        case wait(until: Instant, untilNewTopology: Bool)
        case fail(RedisError)
    }

    /// How a try ended that did not succeed.
    enum Failure: Sendable {
        /// The connection or the server said so.
        case reply(RedisError)
        /// There was no connection to send on.
        case connection(RedisError)

        var error: RedisError {
            switch self {
            case .reply(let error), .connection(let error): error
            }
        }
    }

    struct Rules: Sendable {
        var maximumRedirections = 16
        /// Nodes that contradict each other must not be asked in a circle at full speed.
        var redirectionsWithoutWait = 4
        var backOff = BackOff(first: .milliseconds(10), longest: .milliseconds(500))
        var readsFromReplicas = false
        var translate: @Sendable (RedisEndpoint) -> RedisEndpoint = { $0 }
    }

    let rules: Rules
    private(set) var map = SlotMap()
    private(set) var statistics = RedisClusterClient.Statistics()
    var refresh: RefreshSchedule
    private var jitter: JitterGenerator
    private var turn = 0

    init(rules: Rules, refresh: RefreshSchedule, seed: UInt64) {
        self.rules = rules
        self.refresh = refresh
        self.jitter = JitterGenerator(seed: seed)
    }

    // MARK: Where to

    mutating func next(_ call: inout RoutedCall, now: Instant) -> Step {
        guard now < call.retryUntil else { return .fail(.clusterUnavailable(call, now: now)) }
        if let hop = call.ordered {
            call.ordered = nil
            return .send(hop)
        }
        switch call.target {
        case .node(let endpoint):
            return .send(RoutedCall.Hop(node: RedisClusterNode(endpoint)))
        case .anyMaster:
            let masters = self.map.masters
            if !masters.isEmpty { return .send(RoutedCall.Hop(node: RedisClusterNode(self.pick(masters)))) }
        case .slot(let slot):
            if let shard = self.map.shard(of: slot) {
                let mayRead = call.isRead && self.rules.readsFromReplicas && !call.avoidsReplicas
                return .send(
                    RoutedCall.Hop(
                        node: mayRead && !shard.replicas.isEmpty
                            ? RedisClusterNode(self.pick(shard.replicas), isReplica: true)
                            : RedisClusterNode(shard.master)))
            }
        }
        self.refresh.demand(now: now)
        return self.wait(&call, now: now, untilNewTopology: true)
    }

    /// In turn, so that load spreads without randomness.
    private mutating func pick(_ endpoints: [RedisEndpoint]) -> RedisEndpoint {
        self.turn &+= 1
        return endpoints[Int(UInt(bitPattern: self.turn) % UInt(endpoints.count))]
    }

    private mutating func wait(_ call: inout RoutedCall, now: Instant, untilNewTopology: Bool) -> Step {
        call.failures += 1
        self.statistics.waits += 1
        let delay = self.rules.backOff.delay(afterFailures: call.failures, &self.jitter)
        return .wait(until: min(now + delay, call.retryUntil), untilNewTopology: untilNewTopology)
    }

    // MARK: What answers mean

    mutating func judge(
        _ call: inout RoutedCall, _ failure: Failure, at hop: RoutedCall.Hop, now: Instant
    ) -> Step {
        let error = failure.error
        call.note(error, at: hop)
        switch failure {
        case .connection:
            guard Self.isPassing(error) else {
                return .fail(error.with(command: nil, endpoint: nil, mayHaveRun: false))
            }
            self.refresh.demand(now: now)
            return self.tryElsewhere(&call, hop, now: now, untilNewTopology: true)
        case .reply where error.mayHaveRun:
            if [.connectionClosed, .timeout].contains(error.code) { self.refresh.demand(now: now) }
            return .fail(error)
        case .reply:
            break
        }
        guard let reply = error.reply else {
            // The connection ended before the command was written.
            guard error.code == .connectionClosed || error.code == .closedByClient else { return .fail(error) }
            self.refresh.demand(now: now)
            return self.tryElsewhere(&call, hop, now: now, untilNewTopology: true)
        }
        switch reply.code {
        case "MOVED", "ASK":
            guard let redirection = Redirection(reply, asked: hop.node.endpoint) else { return .fail(error) }
            return self.follow(redirection, &call, now: now)
        case "TRYAGAIN":
            // Some of the keys have moved already: the slot's own node says when all have.
            return self.wait(&call, now: now, untilNewTopology: false)
        case "CLUSTERDOWN", "MASTERDOWN", "READONLY":
            self.refresh.demand(now: now)
            return self.tryElsewhere(&call, hop, now: now, untilNewTopology: true)
        case "LOADING":
            return self.tryElsewhere(&call, hop, now: now, untilNewTopology: true)
        default:
            return .fail(error)
        }
    }

    private mutating func follow(_ redirection: Redirection, _ call: inout RoutedCall, now: Instant) -> Step {
        guard call.redirections < self.rules.maximumRedirections else {
            return .fail(.tooManyRedirections(call, limit: self.rules.maximumRedirections))
        }
        call.redirections += 1
        let endpoint = self.rules.translate(redirection.endpoint)
        let target = RedisClusterNode(endpoint)
        switch redirection.kind {
        case .ask:
            self.statistics.asked += 1
            call.ordered = RoutedCall.Hop(node: target, asks: true)
        case .moved:
            self.statistics.moved += 1
            if self.map.move(redirection.slot, to: endpoint) { self.refresh.demand(now: now) }
            call.ordered = RoutedCall.Hop(node: target)
        }
        if call.redirections > self.rules.redirectionsWithoutWait {
            // By then the map may be better than what this node said, unless it said ASK.
            if redirection.kind == .moved { call.ordered = nil }
            return self.wait(&call, now: now, untilNewTopology: false)
        }
        return self.next(&call, now: now)
    }

    private mutating func tryElsewhere(
        _ call: inout RoutedCall, _ hop: RoutedCall.Hop, now: Instant, untilNewTopology: Bool
    ) -> Step {
        if hop.node.isReplica, !call.avoidsReplicas {
            call.avoidsReplicas = true
            return self.next(&call, now: now)
        }
        return self.wait(&call, now: now, untilNewTopology: untilNewTopology)
    }

    /// Whether a connection that could not be had may be had later, or elsewhere. Wrong credentials stay wrong.
    private static func isPassing(_ error: RedisError) -> Bool {
        switch error.code {
        case .cannotConnect, .connectTimeout, .connectionClosed, .closedByClient: true
        case .serverError: ["LOADING", "CLUSTERDOWN", "MASTERDOWN"].contains(error.reply?.code)
        default: false
        }
    }

    // MARK: Topology

    /// Takes in what a node said outside of a call; nil for a node that said nothing any more.
    mutating func learn(from reply: RESPErrorReply?, at endpoint: RedisEndpoint, now: Instant) {
        if let redirection = reply.flatMap({ Redirection($0, asked: endpoint) }), redirection.kind == .moved {
            self.map.move(redirection.slot, to: self.rules.translate(redirection.endpoint))
        }
        self.refresh.demand(now: now)
    }

    /// Ends a refresh.
    ///
    /// - Parameter news: what was heard; nil if nobody answered.
    /// - Returns: whether anything has changed.
    mutating func finishRefresh(_ news: SlotMap?, now: Instant) -> Bool {
        self.refresh.end(now: now, succeeded: news != nil, jitter: &self.jitter)
        if news == nil { self.statistics.failedRefreshes += 1 } else { self.statistics.refreshes += 1 }
        guard let news, news != self.map else { return false }
        self.map = news
        return true
    }

    /// The same numbers for the same seed.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        elements.shuffled(using: &self.jitter)
    }
}
