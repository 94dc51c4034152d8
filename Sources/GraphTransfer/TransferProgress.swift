/// How far an export, import or comparison is.
package struct TransferProgress: Sendable {
    /// What is being done, such as "reading".
    package var step: String
    /// The table, as ``ExportedPart/title`` names it; empty where it is none.
    package var part: String
    /// Rows of the part that are done.
    package var rows: Int
    /// Rows that the part has.
    package var total: Int
}

/// Is told of progress, now and then, on the thread that works.
package typealias TransferObserver = @Sendable (TransferProgress) -> Void
