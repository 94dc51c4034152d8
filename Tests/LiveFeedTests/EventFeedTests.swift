import Synchronization
import Testing

@testable import LiveFeed

@Suite("A feed for any number of readers", .timeLimit(.minutes(1)))
struct EventFeedTests {
    private func part(_ id: String, _ text: String) -> FeedPart { FeedPart(id: id, text: text) }

    private struct Enough: Error {}

    /// Reads until the feed ends, or so many events.
    private func read(_ feed: EventFeed, after last: UInt64?, atMost count: Int = .max) async throws -> [FeedEvent] {
        var events: [FeedEvent] = []
        do {
            try await feed.deliver(after: last) { delivery in
                if case .event(let event) = delivery { events.append(event) }
                if events.count >= count { throw Enough() }
            }
        } catch is Enough {}
        return events
    }

    @Test("S5: who comes anew gets everything as it stands, who comes back what it missed, and both the end")
    func readers() async throws {
        let feed = EventFeed(after: 10) { [FeedPart(id: "page", text: "whole")] }
        feed.publish([part("a", "1")])
        feed.publish([])
        feed.publish([part("a", "2")])
        #expect(feed.last == 12)
        let anew = try await read(feed, after: nil, atMost: 1)
        #expect(anew == [FeedEvent(id: 12, parts: [part("page", "whole")])])
        let back = try await read(feed, after: 11, atMost: 1)
        #expect(back == [FeedEvent(id: 12, parts: [part("a", "2")])])
        let lost = try await read(feed, after: 3, atMost: 1)
        #expect(lost == anew)
        feed.end([part("a", "3")])
        feed.publish([part("a", "never")])
        #expect(try await read(feed, after: 12).map(\.kind) == [.end])
        // Who comes after the end is told so.
        #expect(try await read(feed, after: 13) == [FeedEvent(id: 13, kind: .end, parts: [])])
        #expect(feed.readerCount == 0)
    }

    @Test("S5: a reader that sleeps holds up nobody, and gets the newest when it wakes")
    func slow() async throws {
        var limits = EventFeed.Limits()
        limits.backlog = 4
        let feed = EventFeed(after: 0, limits: limits) { [] }
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (asleep, sleeps) = AsyncStream<Void>.makeStream()
        let slow = Task {
            var events: [FeedEvent] = []
            var isFirst = true
            try await feed.deliver(after: 0) { delivery in
                guard case .event(let event) = delivery else { return }
                events.append(event)
                guard isFirst else { return }
                isFirst = false
                sleeps.yield()
                for await _ in gate { break }
            }
            return events
        }
        feed.publish([part("a", "1")])
        for await _ in asleep { break }
        let fast = Task { try await read(feed, after: 1) }
        for number in 2...1_000 {
            feed.publish([part("a", "\(number)")])
            if number % 50 == 0 { await Task.yield() }
        }
        feed.end()
        // The other has all there is while this one sleeps.
        #expect(try await fast.value.last?.id == 1_001)
        open.yield()
        let events = try await slow.value
        #expect(events.count <= 5 && events.last?.id == 1_001 && events.last?.kind == .end)
        #expect(events.reduce(0) { $0 + 1 + $1.skipped } == 1_001)
        #expect(events.flatMap(\.parts).last == part("a", "1000"))
    }

    @Test("S5: beats come when nothing else does, and there are as many readers as there may be")
    func beats() async throws {
        var limits = EventFeed.Limits()
        limits.readers = 1
        let feed = EventFeed(after: 0, limits: limits) { [FeedPart(id: "page", text: "")] }
        let (beats, beat) = AsyncStream<EventFeed.Delivery>.makeStream()
        let reader = Task { try await feed.deliver(after: nil) { beat.yield($0) } }
        var deliveries = beats.makeAsyncIterator()
        _ = await deliveries.next()
        #expect(feed.readerCount == 1 && feed.isWatched(within: .zero))
        do {
            try await feed.deliver(after: nil) { _ in }
            Issue.record("two readers where there may be one")
        } catch is EventFeed.Full {}
        feed.beat()
        #expect(await deliveries.next() == .beat)
        reader.cancel()
        _ = await reader.result
        #expect(feed.readerCount == 0 && feed.isWatched(within: .seconds(60)))
    }
}
