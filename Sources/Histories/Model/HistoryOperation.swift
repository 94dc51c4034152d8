/// The begin or the end of a transaction, as a client saw it.
package struct HistoryOperation: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// The client is about to begin.
        case invoke
        /// It took effect.
        case ok
        /// It took no effect, and never will.
        case fail
        /// It took effect, will take effect, or never will: nobody knows (a crash, a time-out).
        case info
    }

    /// Its place in the history, counted from 0.
    package var index: Int
    package var kind: Kind
    /// The logical thread that ran it. After ``Kind/info`` a process is never heard of again.
    package var process: Int
    /// Nanoseconds since the history began. For people; checks go by ``index``.
    package var time: Int
    package var value: [MicroOperation]

    package init(index: Int, kind: Kind, process: Int, time: Int, value: [MicroOperation]) {
        self.index = index
        self.kind = kind
        self.process = process
        self.time = time
        self.value = value
    }
}

/// What clients did and saw, in the order in which it happened: if one operation stands before another, it did happen before it.
package struct History: Sendable, Hashable {
    package var operations: [HistoryOperation]

    package init(_ operations: [HistoryOperation] = []) {
        self.operations = operations
    }
}
