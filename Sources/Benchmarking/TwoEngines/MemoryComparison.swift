import GraphClient
import LocalEngines

/// What an engine brings into memory, in processes of their own.
struct MemoryComparison {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let comparer: EngineComparer
    let tool: String

    func run() async throws {
        let moments = MemoryProcess.Moment.allCases
        try await comparer.compare(moments.map(EngineComparer.Figure.memory)) {
            try await megabytes(of: $0, at: moments)
        }
    }

    private func megabytes(of kind: GraphEngine.Kind, at moments: [MemoryProcess.Moment]) async throws -> [Double] {
        try await TemporaryDirectory.withDirectory { folder in
            let log = folder.path(of: "process.log")
            let process = try await ReportingProcess.start(
                tool, [MemoryProcess.command, "--graph-engine", kind.rawValue], workingDirectory: folder.path,
                logFile: log)
            var lines: [String] = []
            await withTaskCancellationHandler {
                for await line in process.lines { lines.append(line) }
            } onCancel: {
                process.send(.kill)
            }
            let exit = await process.exit()
            try Task.checkCancellation()
            return try moments.map { moment in
                guard let bytes = lines.lazy.compactMap({ MemoryProcess.bytes(moment, in: $0) }).first else {
                    let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                    throw Failure(
                        description: "The process that measures \(kind.displayName)'s memory ended (\(exit)) before "
                            + "\(moment.rawValue): \(said)")
                }
                return Double(bytes) / 1e6
            }
        }
    }
}
