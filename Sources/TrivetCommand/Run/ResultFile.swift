import Foundation
import Measurement

/// Where a result is written; opened before the run, so that a path that can't be written costs no run. One that was made for a
/// result that never came is taken away again.
final class ResultFile {
    private let path: String
    private let handle: FileHandle
    /// Whether it was not there before, and nothing is in it yet.
    private var isBlank = false

    var isStandardOutput: Bool { path == "-" }

    init(_ path: String) throws {
        self.path = path
        guard path != "-" else {
            handle = .standardOutput
            return
        }
        // Not emptied yet: an earlier result stays until there is a new one.
        var descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        let isNew = descriptor >= 0
        if !isNew { descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644) }
        guard descriptor >= 0 else { throw OutputError(path: path, reason: String(cString: strerror(errno))) }
        isBlank = isNew
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit {
        if isBlank { unlink(path) }
    }

    func write(_ text: String) throws {
        isBlank = false
        do {
            if !isStandardOutput { try handle.truncate(atOffset: 0) }
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw OutputError(path: path, reason: error.systemReason)
        }
    }
}
