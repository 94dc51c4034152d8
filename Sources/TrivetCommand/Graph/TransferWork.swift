import Foundation
import GraphTransfer
import LoadTesting

/// Runs an export or import with its progress on standard error, and ends it cleanly on Ctrl-C.
struct TransferWork {
    let isQuiet: Bool

    func run<Value: Sendable>(_ body: @escaping @Sendable (@escaping TransferObserver) async throws -> Value)
        async throws
        -> Value
    {
        let line = StatusLine(isQuiet: isQuiet)
        let work = Task {
            try await body { progress in
                let topic = "\(progress.step) \(progress.part)"
                line.show("\(topic): \(progress.rows) of \(progress.total)", about: topic)
            }
        }
        let signals = InterruptHandler { work.cancel() }
        let result = await work.result
        signals.cancel()
        line.clear()
        return try result.get()
    }

    /// What was carried, for people.
    static func text(_ manifest: ExportManifest, _ what: String) -> String {
        let counts = manifest.parts.map { "  \($0.title): \($0.rows)" }
        return (["\(what): \(manifest.rows) rows of \(manifest.parts.count) tables"] + counts + manifest.remarks)
            .joined(separator: "\n")
    }
}
