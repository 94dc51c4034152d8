import Stores
import Synchronization

/// Readers whose snapshots have just ended, kept a moment for the next ones.
///
/// To end a reader's transaction, and to give the reader back, wakes its thread. The next snapshot does both on its way, where it
/// comes soon; else that happens after some milliseconds.
final class ReaderStash: Sendable {
    private struct Entry {
        var readers: StoreReaders
        /// When it was put here, in turns.
        var turn: Int
    }

    private struct State {
        var entries: [Entry] = []
        var turn = 0
        var isWatched = false
        var isClosed = false
    }

    /// How long readers stay: once to twice that. Their open transactions keep SQLite's log from beginning anew, and a checkpoint of the
    /// graph from beginning.
    private static let stay: Duration = .milliseconds(1)
    /// So many snapshots in a row; then whoever waits at the pool has a turn.
    private static let mostUses = 32

    private let state = Mutex(State())
    private let timers: Timers

    init(timers: Timers) {
        self.timers = timers
    }

    /// - Returns: readers of exactly these stores.
    func take(_ stores: StoreSet) -> StoreReaders? {
        state.withLock { state in
            guard let index = state.entries.lastIndex(where: { $0.readers.stores == stores }) else { return nil }
            return state.entries.remove(at: index).readers
        }
    }

    /// Takes readers that nobody uses, or gives them back to their pools.
    func keep(_ readers: StoreReaders) {
        let isKept = state.withLock { state in
            guard !state.isClosed, readers.countUse() < Self.mostUses else { return false }
            state.entries.append(Entry(readers: readers, turn: state.turn))
            watch(&state)
            return true
        }
        if !isKept { readers.giveBack() }
    }

    /// Gives all of them back, and takes no more.
    func close() {
        let entries = state.withLock { state in
            defer { state.entries = [] }
            state.isClosed = true
            return state.entries
        }
        for entry in entries { entry.readers.giveBack() }
    }

    private func watch(_ state: inout State) {
        guard !state.isWatched else { return }
        state.isWatched = true
        _ = timers.schedule(after: Self.stay) { self.giveBackIdle() }
    }

    private func giveBackIdle() {
        let idle = state.withLock { state in
            let idle = state.entries.filter { $0.turn < state.turn }
            state.entries.removeAll { $0.turn < state.turn }
            state.turn += 1
            state.isWatched = false
            if !state.entries.isEmpty { watch(&state) }
            return idle
        }
        for entry in idle { entry.readers.giveBack() }
    }
}
