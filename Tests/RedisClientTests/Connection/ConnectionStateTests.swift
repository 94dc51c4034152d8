import NIOCore
import Testing

@testable import RedisClient

private typealias State = ConnectionState<Int>

/// The rules of a connection, without a connection.
@Suite struct ConnectionStateTests {
    private func state(pending: Int = 100) -> State {
        var state = State(endpoint: .unixSocket(path: "s"), maximumPending: pending)
        state.protocolVersion = .resp3
        return state
    }

    private func request(
        _ id: UInt64, _ content: Request<Int>.Content = .command(RedisCommand("GET", "k")), lease: UInt64 = 0,
        deadline: Int64? = nil
    ) -> Request<Int> {
        Request(
            id: id, content: content, waiter: Int(id), lease: lease, timeout: .seconds(1),
            deadline: deadline.map { .uptimeNanoseconds(UInt64($0)) })
    }

    private func isWrite(_ action: State.SubmitAction) -> Bool {
        if case .write = action { true } else { false }
    }

    private func failure(_ completion: Completion<Int>?) -> RedisError? {
        switch completion?.outcome {
        case .one(.failure(let error)): error
        case .many(let results):
            results.lazy.compactMap { if case .failure(let error) = $0 { error } else { nil } }.first
        default: nil
        }
    }

    private func completion(_ action: State.ReceiveAction) -> Completion<Int>? {
        if case .complete(let completion) = action { completion } else { nil }
    }

    @Test("P2: the late reply of a request that gave up goes to nobody")
    func lateReply() {
        var state = self.state()
        for id in 1...3 { #expect(self.isWrite(state.submit(self.request(UInt64(id), deadline: 10)))) }
        let cancelled = state.cancel(id: 2)
        #expect(cancelled?.waiter == 2)
        #expect(self.failure(cancelled)?.code == .cancelled)
        #expect(self.failure(cancelled)?.mayHaveRun == true)
        #expect(state.cancel(id: 2)?.waiter == nil)
        #expect(state.abandoned == 1)
        #expect(self.completion(state.receive(.integer(1)))?.waiter == 1)
        #expect(self.completion(state.receive(.integer(2))) == nil)
        #expect(state.abandoned == 0)
        #expect(self.completion(state.receive(.integer(3)))?.waiter == 3)
    }

    @Test("P2: requests end at their deadlines, those without go on")
    func deadlines() {
        var state = self.state()
        _ = state.submit(self.request(1, deadline: 30))
        _ = state.submit(self.request(2))
        _ = state.submit(self.request(3, .batch([RedisCommand("GET", "a"), RedisCommand("GET", "b")]), deadline: 20))
        #expect(state.nextDeadline == .uptimeNanoseconds(20))
        #expect(state.expire(now: .uptimeNanoseconds(19)).isEmpty)
        let expired = state.expire(now: .uptimeNanoseconds(20))
        #expect(expired.map(\.waiter) == [3])
        #expect(self.failure(expired.first)?.code == .timeout)
        #expect(state.nextDeadline == .uptimeNanoseconds(30))
        #expect(state.expire(now: .uptimeNanoseconds(99)).map(\.waiter) == [1])
        #expect(state.nextDeadline == nil)
        for _ in 1...1 { #expect(self.completion(state.receive(.null)) == nil) }
        #expect(self.completion(state.receive(.integer(2)))?.waiter == 2)
        #expect(self.completion(state.receive(.null)) == nil)
        #expect(self.completion(state.receive(.null)) == nil)
        #expect(state.isIdle)
    }

    @Test("P2: a pipeline that is cut off keeps the replies it has")
    func cutOffPipeline() {
        var state = self.state()
        _ = state.submit(self.request(1, .batch(["A", "B", "C"].map { RedisCommand($0) })))
        #expect(self.completion(state.receive(.integer(1))) == nil)
        #expect(self.completion(state.receive(.error(RESPErrorReply("WRONGTYPE x")))) == nil)
        let completions = state.close(.closedByClient)
        guard case .many(let results)? = completions.first?.outcome else {
            Issue.record("no results")
            return
        }
        #expect(results.count == 3)
        #expect((try? results[0].get()) == .integer(1))
        #expect(throws: RedisError.self) { try results[1].get() }
        guard case .failure(let wrongType) = results[1], case .failure(let closed) = results[2] else {
            Issue.record("no failures")
            return
        }
        #expect(wrongType.reply?.code == "WRONGTYPE" && wrongType.command == "B" && !wrongType.mayHaveRun)
        #expect(closed.code == .closedByClient && closed.command == "C" && closed.mayHaveRun)
    }

    @Test("P2: others wait while a lease is out, in order, and are not written")
    func exclusiveUse() {
        var state = self.state()
        guard case .complete(let granted) = state.submit(self.request(5, .exclusiveUse)) else {
            Issue.record("not granted")
            return
        }
        #expect(granted.waiter == 5)
        #expect(self.isWrite(state.submit(self.request(6, lease: 5))))
        for id in [7, 8, 9] {
            let action = state.submit(
                self.request(UInt64(id), id == 8 ? .exclusiveUse : .command(RedisCommand("GET", "k"))))
            guard case .parked = action else {
                Issue.record("not parked: \(action)")
                continue
            }
        }
        let actions = state.giveBack(lease: 5)
        #expect(actions.count == 2)
        #expect(state.lease == 8)
        #expect(state.parked.map(\.id) == [9])
        guard case .complete(let refused) = state.submit(self.request(10, lease: 5)) else {
            Issue.record("not refused")
            return
        }
        #expect(self.failure(refused)?.code == .refused)
        let late = state.cancel(id: 9)
        #expect(self.failure(late)?.mayHaveRun == false)
    }

    @Test("P2: too many requests are refused")
    func bounded() {
        var state = self.state(pending: 2)
        _ = state.submit(self.request(1))
        _ = state.submit(self.request(2))
        guard case .complete(let refused) = state.submit(self.request(3)) else {
            Issue.record("not refused")
            return
        }
        #expect(self.failure(refused)?.code == .tooManyPending)
    }

    @Test("P2: a reply that nobody asked for ends the connection")
    func unasked() {
        var state = self.state()
        guard case .close(let error) = state.receive(.integer(1)) else {
            Issue.record("taken")
            return
        }
        #expect(error.code == .protocolViolation)
    }

    @Test("P2: subscriptions are confirmed by pushes, and refused by an error reply")
    func subscriptions() {
        var state = self.state()
        let change = SubscriptionChange(kind: .channel, isSubscribing: true, names: ["a", "b"])
        _ = state.submit(self.request(1, .subscription(change)))
        func confirmation(_ name: String, _ count: Int) -> RESPValue {
            .push([.simpleString("subscribe"), .simpleString(name), .integer(count)])
        }
        #expect(self.completion(state.receive(confirmation("a", 1))) == nil)
        #expect(self.completion(state.receive(confirmation("b", 2)))?.waiter == 1)
        #expect(!state.isIdle)
        let other = SubscriptionChange(kind: .channel, isSubscribing: true, names: ["c"])
        _ = state.submit(self.request(2, .subscription(other)))
        let refused = self.completion(state.receive(.error(RESPErrorReply("NOPERM no"))))
        #expect(self.failure(refused)?.reply?.code == "NOPERM")
        #expect(state.subscriptions.count == 2)
    }

    @Test("P2: on RESP2 a subscribed connection refuses commands until it has unsubscribed")
    func subscriberMode() {
        var state = self.state()
        state.protocolVersion = .resp2
        let change = SubscriptionChange(kind: .channel, isSubscribing: true, names: ["a"])
        _ = state.submit(self.request(1, .subscription(change)))
        guard case .complete(let refused) = state.submit(self.request(2)) else {
            Issue.record("not refused")
            return
        }
        #expect(self.failure(refused)?.code == .refused)
        func message(_ kind: String, _ last: RESPValue) -> RESPValue {
            .array([.simpleString(kind), .simpleString("a"), last])
        }
        #expect(self.completion(state.receive(message("subscribe", .integer(1))))?.waiter == 1)
        let end = SubscriptionChange(kind: .channel, isSubscribing: false, names: ["a"])
        _ = state.submit(self.request(3, .subscription(end)))
        #expect(self.isWrite(state.submit(self.request(4))))
        guard case .message = state.receive(message("message", .simpleString("x"))) else {
            Issue.record("not a message")
            return
        }
        #expect(self.completion(state.receive(message("unsubscribe", .integer(0))))?.waiter == 3)
        // An array is a reply again, whatever it looks like.
        #expect(self.completion(state.receive(message("message", .simpleString("x"))))?.waiter == 4)
    }
}
