/// What one reader has still to get. When it is too slow, all that waits becomes one event with the newest of each part, which says how many
/// it stands for: memory is bounded by what there is to show, not by how long a reader sleeps. A plain value.
struct EventBacklog: Sendable {
    private let capacity: Int
    private(set) var events: [FeedEvent] = []

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var isEmpty: Bool { events.isEmpty }

    mutating func add(_ event: FeedEvent) {
        events.append(event)
        guard events.count > capacity, let first = events.first else { return }
        events = [events.dropFirst().reduce(first) { $0.merged(with: $1) }]
    }

    mutating func take() -> FeedEvent? { events.isEmpty ? nil : events.removeFirst() }
}
