/// Many commands on their way together: which of them leave now, and to which nodes.
///
/// A plain value. Within one slot commands leave in their order: one that has to go elsewhere or to wait holds back those after it. What
/// has been answered stays answered.
struct PipelineRun: Sendable {
    typealias Instant = ContinuousClock.Instant

    private enum State: Sendable {
        case ready(RoutedCall.Hop)
        case waiting(until: Instant, untilNewTopology: Bool)
        case done(Result<RESPValue, RedisError>)
    }

    private struct Item: Sendable {
        var call: RoutedCall
        var state: State
    }

    /// What goes to one node in one write.
    struct Batch: Sendable, Hashable {
        let node: RedisClusterNode
        var places: [Int]
        /// Which of them have ASKING before them.
        var asks: [Bool]
    }

    enum Step: Sendable {
        case send([Batch])
        case wait(until: Instant, untilNewTopology: Bool)
        case done([Result<RESPValue, RedisError>])
    }

    private var items: [Item]

    init(_ calls: [RoutedCall], _ router: inout ClusterRouter, now: Instant) {
        self.items = calls.map { call in
            var call = call
            let step = router.next(&call, now: now)
            return Item(call: call, state: Self.state(step))
        }
    }

    private static func state(_ step: ClusterRouter.Step) -> State {
        switch step {
        case .send(let hop): .ready(hop)
        case .wait(let until, let untilNewTopology): .waiting(until: until, untilNewTopology: untilNewTopology)
        case .fail(let error): .done(.failure(error))
        }
    }

    /// - Parameter isNewTopology: whether the map has changed since the last wait was decided.
    mutating func next(_ router: inout ClusterRouter, now: Instant, isNewTopology: Bool) -> Step {
        for index in self.items.indices {
            switch self.items[index].state {
            case .waiting(let until, let untilNewTopology):
                guard until <= now || (isNewTopology && untilNewTopology) else { continue }
            case .ready:
                // Those that were held back can be too late by now.
                guard now >= self.items[index].call.retryUntil else { continue }
            case .done:
                continue
            }
            self.items[index].state = Self.state(router.next(&self.items[index].call, now: now))
        }
        let batches = self.batches()
        if !batches.isEmpty { return .send(batches) }
        var until: Instant?
        var untilNewTopology = false
        for item in self.items {
            guard case .waiting(let limit, let endsWithNews) = item.state else { continue }
            until = min(until ?? limit, limit)
            untilNewTopology = untilNewTopology || endsWithNews
        }
        if let until { return .wait(until: until, untilNewTopology: untilNewTopology) }
        return .done(
            self.items.map { item in
                if case .done(let result) = item.state { return result }
                return .failure(.cancelled(sent: false))
            })
    }

    private func batches() -> [Batch] {
        var batches: [Batch] = []
        var batchOfNode: [RedisClusterNode: Int] = [:]
        // For each slot the node that its first open command goes to; nil for one that waits.
        var leaders: [RedisHashSlot: RedisClusterNode?] = [:]
        for (place, item) in self.items.enumerated() {
            let hop: RoutedCall.Hop?
            switch item.state {
            case .done: continue
            case .waiting: hop = nil
            case .ready(let own): hop = own
            }
            if case .slot(let slot) = item.call.target {
                if let leader = leaders[slot] {
                    guard let hop, hop.node == leader else {
                        leaders[slot] = .some(nil)
                        continue
                    }
                } else {
                    leaders.updateValue(hop?.node, forKey: slot)
                }
            }
            guard let hop else { continue }
            let index: Int
            if let known = batchOfNode[hop.node] {
                index = known
            } else {
                index = batches.count
                batchOfNode[hop.node] = index
                batches.append(Batch(node: hop.node, places: [], asks: []))
            }
            batches[index].places.append(place)
            batches[index].asks.append(hop.asks)
        }
        return batches
    }

    /// Takes in what a batch came to.
    mutating func record(
        _ batch: Batch, _ outcome: Result<[Result<RESPValue, RedisError>], RedisError>, _ router: inout ClusterRouter,
        now: Instant
    ) {
        for (offset, place) in batch.places.enumerated() {
            let failure: ClusterRouter.Failure
            switch outcome {
            case .failure(let error):
                failure = .connection(error)
            case .success(let replies):
                guard replies.indices.contains(offset) else {
                    self.items[place].state = .done(.failure(.unexpectedReply("a reply is missing")))
                    continue
                }
                guard case .failure(let error) = replies[offset] else {
                    self.items[place].state = .done(replies[offset])
                    continue
                }
                failure = .reply(error)
            }
            let hop = RoutedCall.Hop(node: batch.node, asks: batch.asks[offset])
            self.items[place].state = Self.state(
                router.judge(&self.items[place].call, failure, at: hop, now: now))
        }
    }

    /// Ends what is still open.
    func abort(_ error: RedisError) -> [Result<RESPValue, RedisError>] {
        self.items.map { item in
            if case .done(let result) = item.state { result } else { .failure(error) }
        }
    }
}
