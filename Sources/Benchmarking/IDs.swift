import Synchronization

/// Numbers from 1, each once.
final class IDs: Sendable {
    private let last = Atomic<Int>(0)
    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
    /// The last one that was given out.
    var latest: Int { last.load(ordering: .relaxed) }
}
