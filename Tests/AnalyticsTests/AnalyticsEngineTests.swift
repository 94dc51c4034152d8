import Measurement
import Testing

@testable import Analytics

@Suite("S4: the analytics engine", .timeLimit(.minutes(5))) struct AnalyticsEngineTests {
    /// Events whose moments go on and are told late now and then; pauses too, and moments before 0.
    private func events(_ count: Int, seed: UInt64) -> [AnalyticsEvent] {
        var generator = SplitMix64(seed: seed)
        var now = Int.random(in: -3_000...3_000, using: &generator)
        let users = Int.random(in: 1...40, using: &generator), items = Int.random(in: 1...60, using: &generator)
        return (0..<count).map { _ in
            now += Int.random(in: 0..<20, using: &generator)
            if Int.random(in: 0..<100, using: &generator) == 0 {
                now += Int.random(in: 0..<10_000, using: &generator)
            }
            var moment = now
            switch Int.random(in: 0..<10, using: &generator) {
            case 0, 1: moment -= Int.random(in: 0...500, using: &generator)
            case 2: moment -= Int.random(in: 0...4_000, using: &generator)
            default: break
            }
            return AnalyticsEvent(
                moment: moment, user: Int.random(in: 0..<users, using: &generator),
                kind: "\(Int.random(in: 0..<4, using: &generator))",
                item: Int.random(in: 0..<items, using: &generator),
                spent: .microseconds(Int.random(in: 100...2_000_000, using: &generator)))
        }
    }

    private func configuration(_ seed: UInt64) -> AnalyticsEngine.Configuration {
        var generator = SplitMix64(seed: seed ^ 0xFACE)
        var configuration = AnalyticsEngine.Configuration()
        configuration.lateness = .milliseconds([0, 100, 500, 2_000].randomElement(using: &generator) ?? 0)
        configuration.tumbling = .milliseconds([50, 333, 1_000].randomElement(using: &generator) ?? 0)
        configuration.slide = .milliseconds([20, 250].randomElement(using: &generator) ?? 0)
        configuration.sliding = configuration.slide * Int.random(in: 1...7, using: &generator)
        configuration.sessionGap = .milliseconds([0, 150, 3_000].randomElement(using: &generator) ?? 0)
        return configuration
    }

    private func expect(_ closed: [ClosedWindow], _ naive: [NaiveAnalytics.Window]) {
        #expect(closed.map(\.start) == naive.map(\.start), "each window once, in order")
        for (window, truth) in zip(closed, naive) {
            let own = window.aggregate
            #expect(window.end == truth.end && own.events == truth.events && own.users.count == truth.users)
            #expect(own.kinds == Dictionary(uniqueKeysWithValues: truth.kinds.map { ("\($0)", $1) }))
            #expect(Dictionary(uniqueKeysWithValues: own.items.first(256).map { ($0.item, $0.count) }) == truth.items)
            #expect(own.totalSpent == truth.spent.reduce(.zero, +))
            for percent in [50.0, 90, 99] {
                let rank = max(1, Int((percent / 100 * Double(truth.events)).rounded(.up)))
                let exact = truth.spent[rank - 1] / .nanoseconds(1)
                // What the histogram promises.
                #expect(abs(own.spent.percentile(percent) / .nanoseconds(1) - exact) <= exact * 0.032 + 1)
            }
        }
    }

    @Test(
        "S4: windows, sessions, totals and what was late are those of a recomputation from all events",
        arguments: 0..<60)
    func naive(seed: UInt64) {
        let configuration = configuration(seed), events = events(600, seed: seed)
        let naive = NaiveAnalytics(events, lateness: configuration.lateness.wholeMilliseconds)
        var engine = AnalyticsEngine(configuration), output = AnalyticsEngine.Output()
        for event in events {
            let closed = engine.add(event)
            for window in closed.tumbling + closed.sliding {
                #expect(window.end <= engine.watermark ?? .min, "nothing in time can come into it any more")
            }
            output += closed
            #expect(engine.paneCount <= engine.mostPanes)
        }
        output += engine.finish()
        #expect(engine.late == naive.late && engine.outOfOrder == naive.outOfOrder)
        #expect(engine.total.events == naive.inTime.count && engine.total.events + engine.late == events.count)
        #expect(engine.total.users.count == Set(naive.inTime.map(\.user)).count)
        #expect(engine.spent.count == naive.inTime.count)
        let width = configuration.tumbling.wholeMilliseconds
        expect(output.tumbling, naive.windows(width: width, slide: width))
        expect(
            output.sliding,
            naive.windows(
                width: configuration.sliding.wholeMilliseconds, slide: configuration.slide.wholeMilliseconds))
        let sessions = naive.sessions(gap: configuration.sessionGap.wholeMilliseconds)
        let totals = engine.sessions.totals
        #expect(totals.sessions == sessions.count && totals.cutShort == 0 && engine.sessions.openCount == 0)
        #expect(totals.events == naive.inTime.count)
        #expect(totals.totalLength == .milliseconds(sessions.reduce(0) { $0 + $1.last - $1.start }))
    }

    @Test("S4: nothing but the order in which events are told decides what is late, and it changes nothing else")
    func lateness() {
        var configuration = AnalyticsEngine.Configuration()
        configuration.lateness = .seconds(1)
        var engine = AnalyticsEngine(configuration)
        func event(_ moment: Int) -> AnalyticsEvent {
            AnalyticsEvent(moment: moment, user: 1, kind: "view", item: 1, spent: .milliseconds(1))
        }
        #expect(engine.add(event(500)).tumbling.isEmpty)
        #expect(engine.add(event(2_500)).tumbling.map(\.aggregate.events) == [1], "0 to 1000 is over at 1500")
        _ = engine.add(event(1_500))
        #expect(engine.late == 0 && engine.outOfOrder == 1, "to the millisecond in time")
        _ = engine.add(event(1_499))
        #expect(engine.late == 1 && engine.total.events == 3)
        #expect(engine.finish().tumbling.map(\.start) == [1_000, 2_000])
    }

    @Test("S4: an event joins the sessions on both of its sides")
    func bridge() {
        var sessions = UserSessions(gap: 100, mostOpen: 10)
        func add(_ moment: Int) {
            sessions.add(AnalyticsEvent(moment: moment, user: 1, kind: "", item: 0, spent: .zero))
        }
        add(0)
        add(200)
        #expect(sessions.openCount == 2)
        add(100)
        #expect(sessions.openCount == 1)
        sessions.close(before: 300)
        #expect(sessions.totals.sessions == 0, "an event at 300 would be of it")
        sessions.close(before: 400)
        #expect(sessions.totals.sessions == 1 && sessions.totals.totalLength == .milliseconds(200))
    }

    @Test("S4: memory has a bound, whatever comes: ever new users, items and kinds, with ever new sessions")
    func bounds() {
        var configuration = AnalyticsEngine.Configuration()
        configuration.openSessions = 500
        configuration.items = 32
        configuration.exactUsers = 64
        var engine = AnalyticsEngine(configuration)
        for number in 0..<60_000 {
            _ = engine.add(
                AnalyticsEvent(
                    moment: number, user: number, kind: "kind \(number)", item: number, spent: .milliseconds(1)))
        }
        #expect(engine.sessions.openCount <= 500 && engine.sessions.totals.cutShort > 0)
        #expect(engine.total.items.itemCount <= 32 && engine.total.kinds.count <= EventAggregate.mostKinds + 1)
        #expect(engine.total.kinds.values.reduce(0, +) == 60_000)
        #expect(engine.paneCount <= engine.mostPanes)
        #expect(abs(Double(engine.total.users.count) / 60_000 - 1) < 5 * engine.total.users.standardError)
        // A clock that leaps costs no time and no windows without events.
        let closed = engine.add(
            AnalyticsEvent(moment: 1 << 50, user: 1, kind: "view", item: 1, spent: .milliseconds(1)))
        #expect(closed.sliding.count <= 7 && engine.paneCount == 2)
        #expect(abs(engine.rate) > 0)
    }
}
