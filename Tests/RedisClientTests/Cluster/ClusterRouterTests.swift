import Testing

@testable import RedisClient

/// The rules one by one.
@Suite struct ClusterRouterTests {
    static let start = ContinuousClock.now
    static let (a, b, c) = (RedisEndpoint.tcp(host: "a"), RedisEndpoint.tcp(host: "b"), RedisEndpoint.tcp(host: "c"))

    private func slot(_ number: Int) throws -> RedisHashSlot { try #require(RedisHashSlot(number)) }

    private func router(_ rules: ClusterRouter.Rules = .init()) throws -> ClusterRouter {
        var router = ClusterRouter(
            rules: rules,
            refresh: RefreshSchedule(
                interval: .seconds(60), gap: BackOff(first: .milliseconds(100), longest: .seconds(1)), now: Self.start),
            seed: 1)
        var map = SlotMap()
        map.assign([try slot(1)], to: .init(master: Self.a, replicas: [Self.c]))
        map.assign([try slot(2)], to: .init(master: Self.b))
        _ = router.refresh.begin(now: Self.start)
        let isNew = router.finishRefresh(map, now: Self.start)
        #expect(isNew)
        return router
    }

    private func call(_ target: RoutedCall.Target, isRead: Bool = false) -> RoutedCall {
        RoutedCall(target, isRead: isRead, started: Self.start, deadline: Self.start + .seconds(1))
    }

    private func answer(_ line: String, command: String = "GET") -> ClusterRouter.Failure {
        .reply(RedisError(reply: RESPErrorReply(line), command: command, endpoint: nil))
    }

    private func hop(_ step: ClusterRouter.Step) -> RoutedCall.Hop? {
        if case .send(let hop) = step { hop } else { nil }
    }

    private func failure(_ step: ClusterRouter.Step) -> RedisError? {
        if case .fail(let error) = step { error } else { nil }
    }

    private func isWait(_ step: ClusterRouter.Step, forTopology: Bool) -> Bool {
        if case .wait(_, let untilNewTopology) = step { untilNewTopology == forTopology } else { false }
    }

    @Test("P3: MOVED is followed at once, remembered, and hints at a refresh once")
    func moved() throws {
        var router = try self.router()
        var call = self.call(.slot(try slot(1)))
        let begin = router.next(&call, now: Self.start)
        let first = try #require(hop(begin))
        #expect(first == .init(node: .init(Self.a)))
        let second = hop(router.judge(&call, answer("MOVED 1 b:6379"), at: first, now: Self.start))
        #expect(second == .init(node: .init(Self.b)))
        let wakes = [router.refresh.takeWakeUp(), router.refresh.takeWakeUp()]
        #expect(wakes == [true, false])
        var next = self.call(.slot(try slot(1)))
        let third = hop(router.next(&next, now: Self.start))
        #expect(third == .init(node: .init(Self.b)))
    }

    @Test("P3: ASK is followed for this command only")
    func ask() throws {
        var router = try self.router()
        var call = self.call(.slot(try slot(1)))
        let begin = router.next(&call, now: Self.start)
        let first = try #require(hop(begin))
        let answered = router.judge(&call, answer("ASK 1 b:6379"), at: first, now: Self.start)
        let second = try #require(hop(answered))
        #expect(second == .init(node: .init(Self.b), asks: true))
        let step = router.judge(&call, answer("TRYAGAIN x"), at: second, now: Self.start)
        #expect(isWait(step, forTopology: false))
        let third = hop(router.next(&call, now: Self.start))
        #expect(third == first)
        let wakes = router.refresh.takeWakeUp()
        #expect(!wakes)
    }

    @Test("P3: a cluster that is changing is waited for, at most until the time is up; the error tells the path")
    func waiting() throws {
        var router = try self.router()
        var call = self.call(.slot(try slot(1)))
        var now = Self.start
        var sent = 0
        while true {
            guard let hop = hop(router.next(&call, now: now)) else { break }
            sent += 1
            let line = sent.isMultiple(of: 2) ? "CLUSTERDOWN The cluster is down" : "LOADING wait"
            guard case .wait(let until, true) = router.judge(&call, answer(line), at: hop, now: now) else {
                Issue.record("no wait")
                return
            }
            #expect(until > now && until <= Self.start + .seconds(1))
            now = until
        }
        // 10, 20, 40, … ms, at least half of it each.
        #expect((4...9).contains(sent))
        let last = router.next(&call, now: now)
        let error = try #require(failure(last))
        #expect(error.code == .clusterUnavailable && !error.mayHaveRun)
        #expect(error.description.contains("CLUSTERDOWN") && error.description.contains("slot 1"))
    }

    @Test("P3: redirections are bounded, and the error lists the path")
    func bounded() throws {
        var router = try self.router()
        var call = self.call(.slot(try slot(1)))
        var now = Self.start
        var step = router.next(&call, now: now)
        var sent = 0
        while sent < 100 {
            switch step {
            case .send(let hop):
                sent += 1
                let other = hop.node.endpoint == Self.a ? "b" : "a"
                step = router.judge(&call, answer("MOVED 1 \(other):6379"), at: hop, now: now)
                continue
            case .wait:
                // The time goes on more slowly here, so that the limit comes first.
                now += .milliseconds(1)
                step = router.next(&call, now: now)
                continue
            case .fail(let error):
                #expect(error.code == .tooManyRedirections && error.reply?.code == "MOVED" && !error.mayHaveRun)
                #expect(error.message.contains("a:6379: MOVED 1 b:6379 → b:6379: MOVED 1 a:6379"))
            }
            break
        }
        #expect(sent == 17)
    }

    @Test("P3: what may have run is never sent again; what was not sent is")
    func mayHaveRun() throws {
        var router = try self.router()
        let closed = RedisError(.connectionClosed, "ended", remedy: "")
        for (failure, isFinal) in [
            (ClusterRouter.Failure.reply(closed.with(command: nil, endpoint: nil, mayHaveRun: true)), true),
            (.reply(closed), false),
            (.connection(closed.with(command: nil, endpoint: nil, mayHaveRun: true)), false),
            (.connection(RedisError(.cannotConnect, "refused", remedy: "")), false),
            (.connection(RedisError(.authenticationFailed, "wrong", remedy: "")), true),
            (.connection(RedisError(.cancelled, "cancelled", remedy: "")), true),
            (.reply(RedisError(.timeout, "late", remedy: "", mayHaveRun: true)), true),
            (answer("WRONGTYPE x"), true), (answer("READONLY x"), false), (answer("READONLY x", command: "EVAL"), true),
            (answer("MOVED nonsense"), true),
        ] {
            var call = self.call(.slot(try slot(1)))
            let begin = router.next(&call, now: Self.start)
            let first = try #require(hop(begin))
            let step = router.judge(&call, failure, at: first, now: Self.start)
            #expect((self.failure(step) != nil) == isFinal, "\(failure)")
        }
        let wakes = router.refresh.takeWakeUp()
        #expect(wakes)
    }

    @Test("P3: reads go to replicas if wanted, and to the master when a replica cannot")
    func replicas() throws {
        var rules = ClusterRouter.Rules()
        rules.readsFromReplicas = true
        var router = try self.router(rules)
        var write = self.call(.slot(try slot(1)))
        let written = hop(router.next(&write, now: Self.start))
        #expect(written?.node == .init(Self.a))
        var read = self.call(.slot(try slot(1)), isRead: true)
        let begin = router.next(&read, now: Self.start)
        let first = try #require(hop(begin))
        #expect(first.node == .init(Self.c, isReplica: true))
        let second = router.judge(&read, answer("MASTERDOWN x"), at: first, now: Self.start)
        #expect(hop(second)?.node == .init(Self.a))
        var other = self.call(.slot(try slot(2)), isRead: true)
        let third = hop(router.next(&other, now: Self.start))
        #expect(third?.node == .init(Self.b))
    }

    @Test("P3: without a known node a command waits for the topology")
    func unknown() throws {
        var router = try self.router()
        var call = self.call(.slot(try slot(3)))
        let step = router.next(&call, now: Self.start)
        #expect(isWait(step, forTopology: true))
        var any = self.call(.anyMaster)
        var seen: Set<RedisEndpoint> = []
        for _ in 0..<4 {
            if let hop = hop(router.next(&any, now: Self.start)) { seen.insert(hop.node.endpoint) }
        }
        #expect(seen == [Self.a, Self.b])
        let late = router.next(&call, now: Self.start + .seconds(1))
        #expect(failure(late)?.message.contains("slot 3") == true)
    }
}
