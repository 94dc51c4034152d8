/// The items that come most often, in memory of a fixed size however many there are.
///
/// Space-Saving (Metwally, Agrawal and El Abbadi, ICDT 2005): when all counters are taken, the least is given to the new item with what it has, which is
/// how much the new item's count may be too high. With m counters of n events no count is off by more than n / m, every item with more than that is among
/// them, and with at most m items all are exact. Sums are those of Agarwal et al., "Mergeable Summaries" (PODS 2012). A plain value.
package struct TopItems: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var item: Int
        /// At least as many as there were.
        package var count: Int
        /// And at most so many more.
        package var error: Int
    }

    private let capacity: Int
    private var entries: [Entry] = []
    /// Where each item's entry is.
    private var places: [Int: Int] = [:]

    /// - Parameter capacity: how many items are counted at one time.
    package init(capacity: Int = 256) {
        precondition(capacity > 0, "nothing is most frequent among no items")
        self.capacity = capacity
    }

    /// How many items are counted now.
    package var itemCount: Int { entries.count }

    package mutating func add(_ item: Int) {
        if let place = places[item] {
            entries[place].count += 1
        } else if entries.count < capacity {
            places[item] = entries.count
            entries.append(Entry(item: item, count: 1, error: 0))
        } else {
            let place = leastPlace
            let least = entries[place]
            places[least.item] = nil
            places[item] = place
            entries[place] = Entry(item: item, count: least.count + 1, error: least.count)
        }
    }

    /// Adds what `other` has counted.
    package mutating func merge(_ other: TopItems) {
        // What isn't counted may have come as often as the least that is.
        let (ownMissing, otherMissing) = (missing, other.missing)
        var sums: [Int: Entry] = [:]
        for entry in entries {
            sums[entry.item] = Entry(
                item: entry.item, count: entry.count + otherMissing, error: entry.error + otherMissing)
        }
        for entry in other.entries {
            if var sum = sums[entry.item] {
                sum.count += entry.count - otherMissing
                sum.error += entry.error - otherMissing
                sums[entry.item] = sum
            } else {
                sums[entry.item] = Entry(
                    item: entry.item, count: entry.count + ownMissing, error: entry.error + ownMissing)
            }
        }
        entries = Array(Self.sorted(Array(sums.values)).prefix(capacity))
        places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.item, $0) })
    }

    /// The first `count`, most frequent first, and lower numbers first among those that are as frequent.
    package func first(_ count: Int) -> [Entry] { Array(Self.sorted(entries).prefix(count)) }

    /// How often at most an item came that isn't counted.
    package var missing: Int { entries.count < capacity ? 0 : entries[leastPlace].count }

    private var leastPlace: Int {
        var least = 0
        for place in entries.indices where entries[place].count < entries[least].count { least = place }
        return least
    }

    private static func sorted(_ entries: [Entry]) -> [Entry] {
        entries.sorted { ($1.count, $0.item) < ($0.count, $1.item) }
    }
}
