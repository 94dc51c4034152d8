import Foundation

/// Where a result is written; opened before the run, so that a path that can't be written costs no run.
struct ResultFile {
    private let path: String
    private let handle: FileHandle

    var isStandardOutput: Bool { path == "-" }

    init(_ path: String) throws {
        self.path = path
        guard path != "-" else {
            handle = .standardOutput
            return
        }
        // Not emptied yet: an earlier result stays until there is a new one.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw OutputError(path: path, reason: String(cString: strerror(errno))) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ text: String) throws {
        do {
            if !isStandardOutput { try handle.truncate(atOffset: 0) }
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw OutputError(path: path, reason: error.localizedDescription)
        }
    }
}
