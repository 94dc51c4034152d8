import Foundation

/// The right to open a database, held through a lock on a file beside it.
///
/// A second process that opens a database of this engine destroys the log of the first before it notices (H5), and a second handle in the
/// same process corrupts it. `flock` covers both: it belongs to the open file, not to the process, and ends with it even after a crash.
package struct DatabaseLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: ``GraphError/locked(path:holder:)`` or ``GraphError/cannotOpen(path:reason:)``.
    package init(forDatabaseAt path: String, shared: Bool) throws {
        let lockPath = path + ".lock"
        // Close-on-exec: a process started later would keep the lock for as long as it runs.
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw GraphError.cannotOpen(
                path: path, reason: "can't write \(lockPath): \(String(cString: strerror(errno))).")
        }
        guard flock(descriptor, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            let holder = Self.readHolder(descriptor)
            close(descriptor)
            throw GraphError.locked(path: path, holder: holder)
        }
        self.descriptor = descriptor
        Self.writeHolder(descriptor)
    }

    deinit {
        // Closing alone would leave it to a process that is being started at this moment, until it has closed its copy.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func writeHolder(_ descriptor: CInt) {
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    private static func readHolder(_ descriptor: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        guard let process = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            return "another process"
        }
        return process == getpid() ? "this process, through another GraphDatabase" : "process \(process)"
    }

    /// Refuses when a program that doesn't know our lock file has the database open. The engine itself tells by a `fcntl` lock, which
    /// is asked for here without touching the database.
    static func refuseForeignHolder(ofDatabaseAt path: String, shared: Bool) throws {
        let descriptor = open(path, (shared ? O_RDONLY : O_RDWR) | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw GraphError.cannotOpen(path: path, reason: "\(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(shared ? F_RDLCK : F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return }
        throw GraphError.locked(path: path, holder: "process \(lock.l_pid)")
    }
}
