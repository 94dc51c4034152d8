/// What a slot of a series has to be: something that can be put together with the slot after it.
package protocol SeriesSlot: Sendable {
    /// A slot in which nothing happened.
    init()
    /// Adds what happened later.
    mutating func add(_ later: Self)
}

/// Something over time, in memory of a fixed size however long it lasts.
///
/// Time is cut into slots of the same width, counted from 0. When they are used up, each two neighbours are put together, and the width has
/// doubled: five seconds and five hours both fit, and the series always has at least half of its slots' resolution. The idea is RRDtool's
/// consolidation, without its fixed archives. A plain value.
package struct SlotSeries<Slot: SeriesSlot>: Sendable {
    /// How much time a slot stands for, now.
    package private(set) var width: Duration
    /// The slots until the last that was written to.
    package private(set) var slots: [Slot] = []
    private let capacity: Int

    /// - Parameters:
    ///   - width: of a slot at the beginning; more than nothing.
    ///   - capacity: the most slots; even.
    package init(width: Duration = .milliseconds(100), capacity: Int = 256) {
        precondition(width > .zero && capacity >= 2 && capacity.isMultiple(of: 2))
        self.width = width
        self.capacity = capacity
        slots.reserveCapacity(capacity)
    }

    /// Changes the slot of a moment, counted from the beginning; what is before counts as the beginning.
    package mutating func update(at time: Duration, _ change: (inout Slot) -> Void) {
        var index = max(0, time.attoseconds / width.attoseconds)
        while index >= capacity {
            halve()
            index /= 2
        }
        while slots.count <= Int(index) { slots.append(Slot()) }
        change(&slots[Int(index)])
    }

    /// When a slot begins.
    package func start(of index: Int) -> Duration { width * index }

    private mutating func halve() {
        let half = (slots.count + 1) / 2
        for index in 0..<half {
            var slot = slots[2 * index]
            if 2 * index + 1 < slots.count { slot.add(slots[2 * index + 1]) }
            slots[index] = slot
        }
        slots.removeLast(slots.count - half)
        width *= 2
    }
}
