import Measurement
import Scenarios
import Testing

@testable import FaultInjection

@Suite("S9: one direction of a connection, as a pure value")
struct FlowScheduleTests {
    private func schedule(_ faults: FaultKind...) -> FlowSchedule {
        FlowSchedule(ProxyRules(faults), generator: SplitMix64(seed: 1))
    }

    /// What has gone until a moment, followed from moment to moment.
    private func drain(_ flow: inout FlowSchedule, until end: Duration) -> [(at: Duration, count: Int)] {
        var sent: [(at: Duration, count: Int)] = []
        while let next = flow.nextMoment, next <= end {
            for case .send(let count) in flow.advance(to: next) { sent.append((next, count)) }
        }
        return sent
    }

    @Test("S9: without faults everything goes at once, and the end after it")
    func plain() {
        var flow = schedule()
        let actions = [flow.receive(10, at: .zero), flow.end(at: .zero), flow.receive(5, at: .zero)]
        #expect(actions == [[.send(10)], [.finish], []])
        #expect(flow.waiting == 0)
        #expect(flow.nextMoment == nil)
    }

    @Test("S9: latency delays each piece, and its end")
    func latency() {
        var flow = schedule(.redisLatency(delay: .milliseconds(50), jitter: .zero))
        let early = [
            flow.receive(10, at: .zero), flow.receive(20, at: .milliseconds(10)), flow.end(at: .milliseconds(20)),
        ]
        #expect(early == [[], [], []])
        #expect(flow.nextMoment == .milliseconds(50))
        let late = [
            flow.advance(to: .milliseconds(50)), flow.advance(to: .milliseconds(59)),
            flow.advance(to: .milliseconds(60)),
        ]
        #expect(late == [[.send(10)], [], [.send(20), .finish]])
    }

    @Test("S9: a delay that is healed lets go of what waits")
    func healedLatency() {
        var flow = schedule(.redisLatency(delay: .seconds(60), jitter: .zero))
        _ = flow.receive(10, at: .zero)
        let actions = flow.apply(ProxyRules(), at: .seconds(1))
        #expect(actions == [.send(10)])
    }

    @Test("S9: jitter changes delays and no order", arguments: 1...20 as ClosedRange<UInt64>)
    func jitter(seed: UInt64) {
        var flow = FlowSchedule(
            ProxyRules([.redisLatency(delay: .milliseconds(10), jitter: .milliseconds(30))]),
            generator: SplitMix64(seed: seed))
        var sent: [(at: Duration, count: Int)] = []
        for number in 1...100 {
            for case .send(let count) in flow.receive(number, at: .milliseconds(number)) {
                sent.append((.milliseconds(number), count))
            }
        }
        sent += drain(&flow, until: .seconds(1))
        #expect(sent.map(\.count) == Array(1...100))
        #expect(sent.allSatisfy { $0.at >= .milliseconds($0.count + 10) && $0.at < .milliseconds(140) })
        #expect(zip(sent, sent.dropFirst()).allSatisfy { $0.at <= $1.at })
    }

    @Test("S9: a bandwidth is kept, whatever the pieces")
    func bandwidth() {
        var flow = schedule(.redisBandwidth(bytesPerSecond: 10_000))
        let first = flow.receive(30_000, at: .zero)
        #expect(first == [.send(100)])
        var sent = drain(&flow, until: .seconds(1))
        let none = flow.receive(20_000, at: .seconds(1))
        #expect(none == [])
        sent += drain(&flow, until: .seconds(10))
        #expect(sent.reduce(0) { $0 + $1.count } + 100 == 50_000)
        let last = (sent.last?.at ?? .zero) / .seconds(1)
        #expect(abs(last - 5) < 0.02)
        for second in 0..<4 {
            let count = sent.filter { $0.at >= .seconds(second) && $0.at < .seconds(second + 1) }.reduce(0) {
                $0 + $1.count
            }
            #expect(abs(count - 10_000) <= 200)
        }
    }

    @Test("S9: slices are small, with a pause after each")
    func slices() {
        var flow = schedule(.redisSlice(bytes: 3, pause: .milliseconds(2)))
        let first = flow.receive(8, at: .zero)
        #expect(first == [.send(3)])
        let sent = drain(&flow, until: .seconds(1))
        #expect(sent.map(\.count) == [3, 2])
        #expect(sent.map(\.at) == [.milliseconds(2), .milliseconds(4)])
    }

    @Test("S9: a black hole keeps all, and lets go of it when it is healed")
    func blackHole() {
        var flow = schedule(.redisBlackHole)
        let held = [flow.receive(10, at: .zero), flow.end(at: .seconds(1)), flow.advance(to: .seconds(9))]
        #expect(held == [[], [], []])
        #expect(flow.nextMoment == nil)
        let healed = flow.apply(ProxyRules(), at: .seconds(10))
        #expect(healed == [.send(10), .finish])
    }

    @Test("S9: what is dropped is lost, and its connection of no use afterwards; one without losses goes on")
    func drop() {
        var flow = schedule(.redisDrop)
        let lost = [flow.receive(10, at: .zero), flow.apply(ProxyRules(), at: .seconds(1))]
        #expect(lost == [[.discard(10)], [.breakOff]])
        var idle = schedule(.redisDrop)
        let went = [idle.apply(ProxyRules(), at: .seconds(1)), idle.receive(5, at: .seconds(2))]
        #expect(went == [[], [.send(5)]])
        // What waits when the losses begin is lost too.
        var late = schedule(.redisLatency(delay: .seconds(5), jitter: .zero))
        _ = late.receive(7, at: .zero)
        let actions = late.apply(ProxyRules([.redisDrop]), at: .seconds(1))
        #expect(actions == [.discard(7)])
    }

    @Test("S9: faults at the same time add up")
    func together() {
        let rules = ProxyRules([
            .redisLatency(delay: .milliseconds(5), jitter: .zero),
            .redisLatency(delay: .milliseconds(7), jitter: .zero),
            .redisBandwidth(bytesPerSecond: 9), .redisBandwidth(bytesPerSecond: 4), .redisReset, .redisRefuse,
            .redisReset,
            .sqliteBusy,
        ])
        #expect(rules.delay == .milliseconds(12))
        #expect(rules.bytesPerSecond == 4)
        #expect(rules.admission == .refuse)
        #expect(ProxyRules([.sqliteFull]) == ProxyRules())
    }

    @Test(
        "S9: whatever happens, no byte is made or lost, and their order holds",
        arguments: 1...200 as ClosedRange<UInt64>)
    func conservation(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let kinds: [FaultKind] = [
            .redisLatency(delay: .milliseconds(20), jitter: .milliseconds(50)), .redisBandwidth(bytesPerSecond: 5_000),
            .redisSlice(bytes: 7, pause: .milliseconds(3)), .redisBlackHole,
        ]
        var flow = FlowSchedule(ProxyRules(), generator: generator.split(1))
        var now = Duration.zero, received = 0, sent = 0
        func take(_ actions: [FlowSchedule.Action]) {
            for case .send(let count) in actions { sent += count }
        }
        for _ in 0..<300 {
            now += .milliseconds(Int.random(in: 0...10, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                let count = Int.random(in: 1...200, using: &generator)
                received += count
                take(flow.receive(count, at: now))
            case 1:
                take(flow.apply(ProxyRules(kinds.filter { _ in Bool.random(using: &generator) }), at: now))
            default:
                if let next = flow.nextMoment, next <= now { take(flow.advance(to: now)) }
            }
            #expect(sent <= received)
            #expect(flow.waiting == received - sent)
        }
        take(flow.apply(ProxyRules(), at: now))
        #expect(sent == received)
    }
}
