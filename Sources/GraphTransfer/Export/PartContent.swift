import GraphClient

/// All rows of a part, read once and counted in three ways.
struct PartContent {
    private let reader: RowReader
    private let count: Int

    /// - Throws: ``TransferError`` when the engine finds other relationships from the one end than from the other.
    init(_ part: TablePart, _ connection: GraphConnection) throws {
        reader = RowReader(connection: connection, part: part)
        count = try reader.count()
        let backwards = try reader.countBackwards()
        guard count == backwards else {
            throw TransferError(
                .unsupported,
                """
                The graph is damaged: the engine finds \(count) relationships \(part.title) from their beginnings, and \(backwards) \
                from their ends.
                """,
                remedy: "Restore a backup, or delete these relationships and make them anew.")
        }
    }

    /// Calls `body` with each row's text.
    /// - Returns: how many there were, and what they said.
    func read(
        step: String, _ observer: TransferObserver, _ body: ([UInt8]) throws -> Void = { _ in }
    ) throws -> ContentDigest {
        var digest = ContentDigest()
        var progress = TransferProgress(step: step, part: reader.part.title, rows: 0, total: count)
        observer(progress)
        try reader.forEach { row in
            try body(row)
            digest.add(row)
            guard digest.rows.isMultiple(of: 1_000) else { return }
            progress.rows = digest.rows
            observer(progress)
        }
        guard digest.rows == count else {
            throw TransferError(
                .unsupported,
                "The engine counts \(count) rows of \(reader.part.title), and gives \(digest.rows): the graph is damaged.",
                remedy: "Restore a backup.")
        }
        return digest
    }
}
