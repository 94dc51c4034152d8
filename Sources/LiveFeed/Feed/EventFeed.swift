import Foundation
import Synchronization

/// Events for any number of readers, each at its own pace: who was away gets what it missed, who is slow gets the newest, and nobody holds
/// up anybody else.
package final class EventFeed: Sendable {
    package struct Limits: Sendable {
        /// How many events are kept for readers that come back, and how many bytes of them.
        package var ringEvents = 256
        package var ringBytes = 8 << 20
        /// How many events wait for a reader before they become one.
        package var backlog = 16
        /// Readers at one time.
        package var readers = 32

        package init() {}
    }

    /// What a reader is given.
    package enum Delivery: Sendable, Hashable {
        case event(FeedEvent)
        /// Nothing has happened for a while, and the connection is to be kept.
        case beat
    }

    /// There are as many readers as there may be.
    package struct Full: Error {}

    private struct Reader {
        var backlog: EventBacklog
        var isBeating = false
        /// Wakes it: one wish to wake is as good as many.
        let wake: AsyncStream<Void>.Continuation
    }

    private struct State {
        var ring: EventRing
        var readers: [Int: Reader] = [:]
        var nextReader = 0
        var isOver = false
        var lastReading: ContinuousClock.Instant?
    }

    private let limits: Limits
    private let whole: @Sendable () -> [FeedPart]
    private let state: Mutex<State>

    /// - Parameters:
    ///   - start: the number before the first event's. By default the time, so that a server that starts again has greater numbers than before.
    ///   - whole: everything as it stands now, for readers that come anew.
    package init(
        after start: UInt64 = EventFeed.startByTime, limits: Limits = Limits(),
        whole: @escaping @Sendable () -> [FeedPart]
    ) {
        self.limits = limits
        self.whole = whole
        state = Mutex(
            State(ring: EventRing(after: start, mostEvents: limits.ringEvents, mostBytes: limits.ringBytes)))
    }

    /// In microseconds since 1970: below what a script's numbers can tell apart for two centuries, and nobody sends a million events a second.
    package static var startByTime: UInt64 { UInt64(max(0, Date.now.timeIntervalSince1970) * 1_000_000) }

    /// The number of the last event.
    package var last: UInt64 { state.withLock { $0.ring.last } }
    /// Who reads now.
    package var readerCount: Int { state.withLock { $0.readers.count } }

    /// The most events that wait for any reader.
    var waitingEvents: Int { state.withLock { $0.readers.values.map(\.backlog.events.count).max() ?? 0 } }

    /// Whether somebody reads, or did so a short time ago and may come back: else what is published needn't be made.
    package func isWatched(within time: Duration) -> Bool {
        state.withLock { state in
            !state.readers.isEmpty || state.lastReading.map { .now - $0 <= time } ?? false
        }
    }

    /// Notes that somebody has looked at everything, and will probably begin to read.
    package func noteVisit() { state.withLock { $0.lastReading = .now } }

    /// Tells everybody of parts that have changed; of none, nobody. After ``end(_:)`` it does nothing.
    package func publish(_ parts: [FeedPart]) {
        guard !parts.isEmpty else { return }
        send(parts, .update)
    }

    /// Tells everybody that nothing comes any more, with the last that has changed.
    package func end(_ parts: [FeedPart] = []) { send(parts, .end) }

    private func send(_ parts: [FeedPart], _ kind: FeedEvent.Kind) {
        state.withLock { state in
            guard !state.isOver else { return }
            let event = state.ring.append(parts, kind: kind)
            state.isOver = kind == .end
            for number in state.readers.keys {
                state.readers[number]?.backlog.add(event)
                state.readers[number]?.wake.yield()
                if state.isOver { state.readers[number]?.wake.finish() }
            }
        }
    }

    /// Lets each reader show that its connection is alive.
    package func beat() {
        state.withLock { state in
            for number in state.readers.keys {
                state.readers[number]?.isBeating = true
                state.readers[number]?.wake.yield()
            }
        }
    }

    /// Gives a reader all that happens, until the feed's end, the task's cancellation, or an error of `send`.
    ///
    /// - Parameter last: the last event that it has seen; nil for none.
    /// - Throws: ``Full``; what `send` throws.
    package func deliver(after last: UInt64?, _ send: (Delivery) async throws -> Void) async throws {
        let (number, wakes) = try join(after: last)
        defer { leave(number) }
        for await _ in wakes {
            while let next = take(number) { try await send(next) }
        }
    }

    private func join(after last: UInt64?) throws -> (Int, AsyncStream<Void>) {
        var first: [FeedEvent] = []
        var seen = last ?? 0
        let missed = last.map { last in state.withLock { $0.ring.events(after: last) } } ?? .unknown
        if missed == .unknown {
            // In this order what happens in between comes twice, which does no harm: it is what stands then.
            seen = self.last
            first = [FeedEvent(id: seen, parts: whole())]
        }
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        return try state.withLock { state in
            guard state.readers.count < limits.readers else { throw Full() }
            if case .events(let events) = state.ring.events(after: seen) { first += events }
            if state.isOver, first.last?.kind != .end {
                first.append(FeedEvent(id: state.ring.last, kind: .end, parts: []))
            }
            var reader = Reader(backlog: EventBacklog(capacity: limits.backlog), wake: wake)
            for event in first { reader.backlog.add(event) }
            wake.yield()
            if state.isOver { wake.finish() }
            let number = state.nextReader
            state.nextReader += 1
            state.readers[number] = reader
            return (number, wakes)
        }
    }

    private func take(_ number: Int) -> Delivery? {
        state.withLock { state in
            if let event = state.readers[number]?.backlog.take() {
                state.readers[number]?.isBeating = false
                return .event(event)
            }
            guard state.readers[number]?.isBeating == true else { return nil }
            state.readers[number]?.isBeating = false
            return .beat
        }
    }

    private func leave(_ number: Int) {
        state.withLock { state in
            state.readers.removeValue(forKey: number)
            state.lastReading = .now
        }
    }
}
