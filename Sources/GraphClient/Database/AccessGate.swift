import Dispatch

/// Who may use the database at one time, as a pure value.
///
/// The engine has one writer, fails a second one at once instead of letting it wait (and may crash on what that connection
/// does next, H2), and its checkpoint must meet no open transaction (H3, H19). So statements and transactions take a place here first.
///
/// A request is granted when it agrees with all holders and with all earlier requests that still wait: readers pass a waiting
/// writer, nobody passes a waiting checkpoint, writers go in order.
struct AccessGate {
    enum Mode: Sendable {
        /// Reads beside everything but `exclusive`.
        case read
        /// One at a time, beside readers.
        case write
        /// Alone.
        case exclusive

        func agrees(with other: Mode) -> Bool {
            switch (self, other) {
            case (.read, .read), (.read, .write), (.write, .read): true
            case (.write, .write), (.exclusive, _), (_, .exclusive): false
            }
        }
    }

    struct Request {
        let id: UInt64
        let mode: Mode
        /// For the errors of those whom it keeps waiting.
        let purpose: String
        let since: DispatchTime
    }

    private(set) var holders: [Request] = []
    private(set) var waiting: [Request] = []

    /// Whether the request is granted at once; otherwise it waits until a `release` or `cancel` grants it.
    mutating func request(_ request: Request) -> Bool {
        guard !conflicts(request.mode, with: holders), !conflicts(request.mode, with: waiting) else {
            waiting.append(request)
            return false
        }
        holders.append(request)
        return true
    }

    /// The requests that are granted by this.
    mutating func release(_ id: UInt64) -> [UInt64] {
        if let index = holders.firstIndex(where: { $0.id == id }) {
            // Holders have no order.
            holders.swapAt(index, holders.endIndex - 1)
            holders.removeLast()
        }
        return grant()
    }

    /// Takes a waiting request back; nil when it was granted before, and is the caller's to release.
    mutating func cancel(_ id: UInt64) -> [UInt64]? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        waiting.remove(at: index)
        return grant()
    }

    private mutating func grant() -> [UInt64] {
        // Nearly every call ends here, and should cost no allocation.
        if waiting.isEmpty { return [] }
        var granted: [UInt64] = []
        var stillWaiting: [Request] = []
        for request in waiting {
            if conflicts(request.mode, with: holders) || conflicts(request.mode, with: stillWaiting) {
                stillWaiting.append(request)
            } else {
                holders.append(request)
                granted.append(request.id)
            }
        }
        waiting = stillWaiting
        return granted
    }

    private func conflicts(_ mode: Mode, with requests: [Request]) -> Bool {
        requests.contains { !$0.mode.agrees(with: mode) }
    }
}
