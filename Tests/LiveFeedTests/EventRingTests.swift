import Measurement
import Testing

@testable import LiveFeed

@Suite("The last events, for readers that come back")
struct EventRingTests {
    private func part(_ id: String, _ text: String) -> FeedPart { FeedPart(id: id, text: text) }

    @Test("S5: numbers only grow, and who has seen one gets all that came after it")
    func replay() {
        var ring = EventRing(after: 100, mostEvents: 10, mostBytes: 1_000)
        #expect(ring.events(after: 100) == .events([]))
        let made = (1...5).map { ring.append([part("a", "\($0)")]) }
        #expect(made.map(\.id) == [101, 102, 103, 104, 105] && ring.last == 105)
        #expect(ring.events(after: 102) == .events(Array(made[2...])))
        #expect(ring.events(after: 105) == .events([]))
        // Of another server, or of a time that is not kept.
        #expect(ring.events(after: 106) == .unknown && ring.events(after: 7) == .unknown)
    }

    @Test("S5: it is bounded by number and by size, and always has the newest")
    func bounds() {
        var ring = EventRing(after: 0, mostEvents: 3, mostBytes: 1_000)
        for number in 1...5 { _ = ring.append([part("a", "\(number)")]) }
        #expect(ring.events(after: 1) == .unknown)
        guard case .events(let kept) = ring.events(after: 2) else { return #expect(Bool(false)) }
        #expect(kept.map(\.id) == [3, 4, 5])
        var small = EventRing(after: 0, mostEvents: 100, mostBytes: 50)
        _ = small.append([part("a", String(repeating: "x", count: 30))])
        _ = small.append([part("b", String(repeating: "y", count: 30))])
        #expect(small.events(after: 0) == .unknown)
        _ = small.append([part("c", String(repeating: "z", count: 500))])
        guard case .events(let big) = small.events(after: 2) else { return #expect(Bool(false)) }
        #expect(big.count == 1)
    }

    @Test("S5: a slow reader's backlog becomes one event with the newest of each part, and says how many it stands for")
    func backlog() {
        var backlog = EventBacklog(capacity: 3)
        for number in 1...3 { backlog.add(FeedEvent(id: UInt64(number), parts: [part("a", "\(number)")])) }
        #expect(backlog.events.count == 3)
        backlog.add(FeedEvent(id: 4, parts: [part("b", "4")]))
        #expect(backlog.events == [FeedEvent(id: 4, parts: [part("a", "3"), part("b", "4")], skipped: 3)])
        backlog.add(FeedEvent(id: 5, kind: .end, parts: [part("a", "5")]))
        #expect(backlog.take()?.id == 4)
        let end = backlog.take()
        #expect(end?.kind == .end && end?.skipped == 0 && backlog.isEmpty && backlog.take() == nil)
    }

    @Test(
        "S5: whatever a reader's pace, it ends with the newest of each part, and memory is bounded",
        arguments: UInt64(1)...20)
    func randomPace(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var ring = EventRing(after: 0, mostEvents: 8, mostBytes: 10_000), backlog = EventBacklog(capacity: 4)
        var truth: [String: String] = [:], seen: [String: String] = [:]
        var lastSeen: UInt64 = 0, told = 0
        func read(_ event: FeedEvent) {
            #expect(event.id > lastSeen)
            lastSeen = event.id
            told += 1 + event.skipped
            for part in event.parts { seen[part.id] = part.text }
        }
        for step in 1...500 {
            let parts = (0...Int.random(in: 0..<3, using: &generator)).map {
                part("part\((step + $0) % 7)", "\(step)")
            }
            for part in parts { truth[part.id] = part.text }
            backlog.add(ring.append(parts))
            #expect(backlog.events.count <= 4)
            for _ in 0..<Int.random(in: 0..<3, using: &generator) { if let event = backlog.take() { read(event) } }
        }
        while let event = backlog.take() { read(event) }
        #expect(seen == truth && lastSeen == ring.last)
        // None is lost without being told of.
        #expect(told == 500)
    }
}
