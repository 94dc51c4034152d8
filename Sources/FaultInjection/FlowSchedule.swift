import Measurement

/// One direction of a connection through the proxy: when how many bytes go on, as a pure value.
///
/// The bytes themselves wait with whoever owns this, first come first served. Their order never changes, whatever the delays:
/// it is TCP that is slow here, and not the packets below it.
package struct FlowSchedule: Sendable {
    package enum Action: Sendable, Hashable {
        /// So many of the waiting bytes go on.
        case send(Int)
        /// So many are lost.
        case discard(Int)
        /// After all bytes: the sender has ended its side.
        case finish
        /// Bytes were lost that a stream can't do without: the connection is of no use any more.
        case breakOff
    }

    private struct Chunk: Sendable {
        var count: Int
        var due: Duration
    }

    private var rules: ProxyRules
    private var generator: SplitMix64
    private var chunks: [Chunk] = []
    private var head = 0
    /// The next bytes may go no earlier: bandwidth, and pauses between slices.
    private var free = Duration.zero
    private var hasLost = false
    private var isEnding = false
    private var isFinished = false

    package init(_ rules: ProxyRules, generator: SplitMix64) {
        self.rules = rules
        self.generator = generator
    }

    /// Bytes that wait.
    package private(set) var waiting = 0

    /// When `advance` has something to do; nil while only data or other rules can change that.
    package var nextMoment: Duration? {
        guard !rules.isHolding, !rules.isLosing, head < chunks.count else { return nil }
        return max(chunks[head].due, free)
    }

    /// Data has arrived.
    package mutating func receive(_ count: Int, at now: Duration) -> [Action] {
        guard count > 0, !isFinished else { return [] }
        waiting += count
        var due = now + rules.delay
        if rules.jitter > .zero { due += rules.jitter * Double.random(in: 0..<1, using: &generator) }
        // No chunk overtakes another.
        if head < chunks.count, let last = chunks.last { due = max(due, last.due) }
        chunks.append(Chunk(count: count, due: due))
        return advance(to: now)
    }

    /// The sender has ended its side.
    package mutating func end(at now: Duration) -> [Action] {
        isEnding = true
        return advance(to: now)
    }

    /// Other rules hold from now on, for what waits too.
    package mutating func apply(_ rules: ProxyRules, at now: Duration) -> [Action] {
        self.rules = rules
        if hasLost, !rules.isLosing { return [.breakOff] }
        // What waits for a delay that is over goes at once.
        for index in head..<chunks.count {
            chunks[index].due = min(chunks[index].due, now + rules.delay + rules.jitter)
        }
        free = min(free, now + rules.pause)
        return advance(to: now)
    }

    /// Time has passed.
    package mutating func advance(to now: Duration) -> [Action] {
        if rules.isLosing { return lose() }
        guard !rules.isHolding else { return [] }
        var actions: [Action] = []
        while head < chunks.count, chunks[head].due <= now, free <= now {
            let count = min(chunks[head].count, most)
            take(count)
            actions.append(.send(count))
            if rules.slice != nil { free = now + rules.pause }
            if let rate = rules.bytesPerSecond { free = max(free, now) + .seconds(Double(count) / rate) }
        }
        if head == chunks.count { (chunks, head) = ([], 0) }
        if isEnding, chunks.isEmpty, !isFinished {
            isFinished = true
            actions.append(.finish)
        }
        return actions
    }

    /// The most bytes that go at once: with a bandwidth, those of a hundredth of a second.
    private var most: Int {
        let share = rules.bytesPerSecond.map { max(1, Int($0 / 100)) } ?? .max
        return min(share, rules.slice ?? .max)
    }

    private mutating func take(_ count: Int) {
        waiting -= count
        chunks[head].count -= count
        if chunks[head].count == 0 { head += 1 }
    }

    private mutating func lose() -> [Action] {
        let lost = waiting
        (chunks, head, waiting) = ([], 0, 0)
        if lost > 0 || isEnding { hasLost = true }
        return lost > 0 ? [.discard(lost)] : []
    }
}
