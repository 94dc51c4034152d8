/// What a transaction may do.
public enum GraphTransactionMode: Sendable, Hashable {
    /// Reads from one snapshot, beside a writer.
    case readOnly
    /// Reads and writes, one transaction at a time in the whole database.
    case readWrite

    var gateMode: AccessGate.Mode {
        switch self {
        case .readOnly: .read
        case .readWrite: .write
        }
    }
}
