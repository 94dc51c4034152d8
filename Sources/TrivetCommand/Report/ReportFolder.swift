import Foundation
import LoadTesting
import Measurement
import Reporting

/// The folder of `--report`: a run's page, document, JUnit XML and summary. It is made and tried before the run, so that a folder that can't be
/// written costs no run.
struct ReportFolder {
    private let path: String

    /// - Throws: `OutputError` when the folder can't be made, or nothing can be written in it.
    init(_ path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw OutputError(path: path, reason: error.systemReason)
        }
        // What stands there may be a file of somebody else's that can't be replaced; rights tell too little, so it is tried.
        let trial = path + "/.trivet-\(ProcessInfo.processInfo.processIdentifier)"
        try Self.write("", to: trial)
        try? FileManager.default.removeItem(atPath: trial)
        for name in ReportDocuments.names {
            var isFolder: ObjCBool = false
            let file = path + "/" + name
            if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder.boolValue {
                throw OutputError(path: file, reason: "it is a folder")
            }
        }
    }

    /// Writes all renderings; each file is replaced as a whole, so that a reader never sees half of one.
    ///
    /// - Returns: where the page is.
    @discardableResult
    func write(_ result: RunResult) throws -> String {
        for document in try ReportDocuments.render(result) {
            try Self.write(document.text, to: path + "/" + document.name)
        }
        return path + "/" + ReportDocuments.names[0]
    }

    /// Says of a run that ended with an error why it did. The document of an earlier run goes: it would be taken for this one's.
    func write(_ failure: RunFailure) throws {
        let documents = ReportDocuments.render(failure)
        for document in documents { try Self.write(document.text, to: path + "/" + document.name) }
        for name in ReportDocuments.names where !documents.contains(where: { $0.name == name }) {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
    }

    /// What a run came to; when that is an error, reports say so first.
    static func outcome<T>(
        of result: Result<T, any Error>, in folder: ReportFolder?, profile: String, command: String
    ) throws -> T {
        do {
            return try result.get()
        } catch {
            try folder?.write(failure(error, profile: profile, command: command))
            throw error
        }
    }

    /// A run's result, or why there is none.
    static func shown(
        _ result: Result<RunResult, any Error>, profile: String, command: String
    ) -> Result<RunResult, RunFailure> {
        result.mapError { failure($0, profile: profile, command: command) }
    }

    private static func failure(_ error: any Error, profile: String, command: String) -> RunFailure {
        let reason = error is CancellationError ? "Interrupted before anything was measured." : "\(error)"
        return RunFailure(profile: profile, command: command, reason: reason)
    }

    private static func write(_ text: String, to file: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw OutputError(path: file, reason: error.systemReason)
        }
    }
}
