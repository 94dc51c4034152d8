import Synchronization

/// Numbers from 1, each once.
final class IDs: Sendable {
    private let last = Atomic<Int>(0)
    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
    /// The first of so many that follow each other.
    func next(_ count: Int) -> Int { last.add(count, ordering: .relaxed).oldValue + 1 }
    /// The last one that was given out.
    var latest: Int { last.load(ordering: .relaxed) }
}
