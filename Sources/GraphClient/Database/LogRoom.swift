import Foundation

/// Whether what an engine still has to write to its log would find room (H27): seen by writing as much, at the same place, to a file beside it.
struct LogRoom {
    private let log: String

    init(ofDatabaseAt path: String) {
        log = path + ".wal"
    }

    /// The engines hold back 4 KB at most.
    private static let needed = 64 << 10

    var isThere: Bool {
        var status = stat()
        let size = stat(log, &status) == 0 ? status.st_size : 0
        let probe = log + ".room"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer {
            close(descriptor)
            unlink(probe)
        }
        let bytes = [UInt8](repeating: 0, count: Self.needed)
        return pwrite(descriptor, bytes, bytes.count, size) == bytes.count
    }
}
