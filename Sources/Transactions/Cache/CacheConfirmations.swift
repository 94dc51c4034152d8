/// Since when Redis has had which number: it may lose what it has acknowledged lately, so the journal keeps that for a
/// while.
///
/// It can't be counted from the decision, since Redis may get it long after; nor up to now, since a loss is noticed
/// only when Redis is asked.
struct CacheConfirmations: Hashable {
    private var entries: [Entry] = []
    /// When the question was asked that it has answered last.
    private var lastContact: ContinuousClock.Instant?

    private struct Entry: Hashable {
        var number: UInt64
        /// By when Redis had it.
        var moment: ContinuousClock.Instant
    }

    /// How many entries there are in a window at most. What comes in between counts as later than it was.
    private static let resolution = 64

    /// Redis has said that it has everything up to a number.
    mutating func note(
        _ number: UInt64, asked: ContinuousClock.Instant, answered: ContinuousClock.Instant, window: Duration
    ) {
        // Replies may overtake each other.
        if let lastContact, asked < lastContact { return }
        lastContact = asked
        if let last = entries.last, answered - last.moment < window / Self.resolution { return }
        entries.append(Entry(number: number, moment: answered))
        forget(before: asked - window)
    }

    /// Redis turned out to have lost what came after a number.
    mutating func lose(after number: UInt64) {
        entries.removeAll { $0.number > number }
    }

    /// Up to which number Redis had everything a whole window before it was heard of last.
    func safe(window: Duration) -> UInt64 {
        guard let lastContact else { return 0 }
        return entries.last { $0.moment <= lastContact - window }?.number ?? 0
    }

    /// Leaves the last one that is old enough, and all that are younger.
    private mutating func forget(before moment: ContinuousClock.Instant) {
        let old = entries.prefix { $0.moment <= moment }.count
        if old > 1 { entries.removeFirst(old - 1) }
    }
}
