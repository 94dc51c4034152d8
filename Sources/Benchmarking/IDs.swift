import Synchronization

/// Numbers, each once.
final class IDs: Sendable {
    private let last: Atomic<Int>

    /// - Parameter first: the last one that is taken.
    init(after first: Int = 0) { last = Atomic(first) }

    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
    /// The first of so many that follow each other.
    func next(_ count: Int) -> Int { last.add(count, ordering: .relaxed).oldValue + 1 }
    /// The last one that was given out.
    var latest: Int { last.load(ordering: .relaxed) }
}
