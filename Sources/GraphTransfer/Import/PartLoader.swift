import GraphClient

/// Fills a part from its file.
struct PartLoader: ~Copyable {
    private let part: TablePart
    private let path: String
    private let writer: RowWriter
    private let observer: TransferObserver
    private var reader: PartFileReader
    private var progress: TransferProgress

    init(
        _ part: TablePart, _ file: ExportedPart, in folder: String, _ connection: GraphConnection,
        _ engine: GraphEngine,
        _ observer: @escaping TransferObserver
    ) throws {
        self.part = part
        self.observer = observer
        path = folder + "/" + file.file
        writer = RowWriter(connection: connection, engine: engine, part: part)
        reader = try PartFileReader(path)
        progress = TransferProgress(step: "importing", part: part.title, rows: 0, total: file.rows)
        observer(progress)
    }

    /// Makes the next rows.
    /// - Returns: false when there were none left.
    mutating func loadBatch() throws -> Bool {
        var rows: [[GraphValue]] = []
        var bytes = 0
        while rows.count < Self.mostRows, bytes < Self.mostBytes, let line = try reader.next() {
            rows.append(try row(line))
            bytes += line.count
        }
        try writer.write(rows)
        progress.rows += rows.count
        observer(progress)
        return !rows.isEmpty
    }

    private func row(_ line: [UInt8]) throws -> [GraphValue] {
        do {
            return try ValueTextReader.row(line, as: part.types)
        } catch let problem as ValueTextReader.Problem {
            throw TransferError(
                .damaged, "\(path), line \(reader.line): \(problem.reason).", remedy: "Export the graph again.")
        }
    }

    private static let mostRows = 1_000
    private static let mostBytes = 4 << 20
}
