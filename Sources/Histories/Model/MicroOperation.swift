/// One step of a transaction in a history: an append to a list, a write of a register, or a read of either.
///
/// A key is a name such as `"kuzu/7"`: the store, then a number. A key holds a list or a register for the whole of a history, never both.
package enum MicroOperation: Sendable, Hashable {
    /// Adds a value at the end of the key's list. No value is appended twice to one key.
    case append(key: String, value: Int)
    /// Replaces the value of the key's register. No value is written twice to one key.
    case write(key: String, value: Int)
    /// Reads the whole list or the register.
    case read(key: String, Reading)

    package var key: String {
        switch self {
        case .append(let key, _), .write(let key, _), .read(let key, _): key
        }
    }

    package var isRead: Bool {
        if case .read = self { true } else { false }
    }

    /// What is appended or written.
    package var written: Int? {
        switch self {
        case .append(_, let value), .write(_, let value): value
        case .read: nil
        }
    }

    /// The step as it was asked for: a read without its result.
    package var request: MicroOperation {
        if case .read(let key, _) = self { .read(key: key, .nothing) } else { self }
    }
}

/// What a read returned.
package enum Reading: Sendable, Hashable {
    /// `nil`: before the transaction has run not known yet; in its result, a key that nobody has written.
    case nothing
    case list([Int])
    case register(Int)
}
