import HeapModule

/// What is to happen when, as a pure value.
///
/// Nearly every timer is taken back before its time, so that is cheap: its place in the order stays, until such places
/// are most of them.
struct TimerQueue<Action> {
    typealias ID = UInt64
    typealias Moment = ContinuousClock.Instant

    private struct Place: Comparable {
        var moment: Moment
        var id: ID

        static func < (a: Place, b: Place) -> Bool { (a.moment, a.id) < (b.moment, b.id) }
    }

    private var order = Heap<Place>()
    private var entries: [ID: (moment: Moment, action: Action)] = [:]
    private var lastID: ID = 0

    /// Timers that have neither come nor been taken back.
    var count: Int { entries.count }

    /// Places in the order, those of timers among them that were taken back.
    var places: Int { order.count }

    mutating func add(at moment: Moment, _ action: Action) -> ID {
        lastID += 1
        entries[lastID] = (moment, action)
        order.insert(Place(moment: moment, id: lastID))
        return lastID
    }

    /// Does nothing where the timer has come or been taken back.
    mutating func cancel(_ id: ID) {
        guard entries.removeValue(forKey: id) != nil, order.count > 2 * entries.count + 256 else { return }
        order = Heap(entries.map { Place(moment: $0.value.moment, id: $0.key) })
    }

    /// When the next one comes; nil if none does.
    mutating func next() -> Moment? {
        while let place = order.min {
            if entries[place.id] != nil { return place.moment }
            order.removeMin()
        }
        return nil
    }

    /// Those that have come, in order; they are not in the queue any more.
    mutating func takeDue(at now: Moment) -> [Action] {
        var due: [Action] = []
        while let moment = next(), moment <= now {
            if let entry = entries.removeValue(forKey: order.removeMin().id) { due.append(entry.action) }
        }
        return due
    }
}
