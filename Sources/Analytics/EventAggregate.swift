package import Measurement

/// What a number of events comes to, in memory of a fixed size. Two aggregates are put together as if their events had been one lot. A plain value.
package struct EventAggregate: Sendable, Hashable {
    /// Different kinds at most; what else comes counts as one more.
    static let mostKinds = 64
    package static let otherKinds = "(other)"

    package private(set) var events = 0
    /// Events by kind.
    package private(set) var kinds: [String: Int] = [:]
    package private(set) var users: DistinctCounter
    package private(set) var items: TopItems
    /// How long events took their users, together.
    package private(set) var totalSpent = Duration.zero
    package private(set) var spent = CompactHistogram()

    package init(exactUsers: Int = 1_024, items: Int = 256) {
        users = DistinctCounter(exactUpTo: exactUsers)
        self.items = TopItems(capacity: items)
    }

    package mutating func add(_ event: AnalyticsEvent) {
        events += 1
        count(1, event.kind)
        users.insert(event.user)
        items.add(event.item)
        totalSpent += event.spent
        spent.record(event.spent)
    }

    package mutating func merge(_ other: EventAggregate) {
        events += other.events
        for (kind, number) in other.kinds.sorted(by: { $0.key < $1.key }) { count(number, kind) }
        users.merge(other.users)
        items.merge(other.items)
        totalSpent += other.totalSpent
        spent.add(other.spent)
    }

    private mutating func count(_ number: Int, _ kind: String) {
        let isKnown = kinds[kind] != nil || kinds.count < Self.mostKinds
        kinds[isKnown ? kind : Self.otherKinds, default: 0] += number
    }
}
