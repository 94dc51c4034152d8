import Foundation

/// A copy of the database taken before a checkpoint and deleted after it: a process killed within a checkpoint can leave a file that
/// never opens again (H4). A copy found on opening means that this happened, and is put back.
struct CheckpointCopy {
    private let database: String
    var folder: String { database + ".checkpoint-copy" }
    private var unfinished: String { folder + ".unfinished" }

    init(ofDatabaseAt path: String) {
        database = path
    }

    /// The files that together are the database.
    private var parts: [(original: String, name: String)] {
        // Beside the log, what LadybugDB leaves of a checkpoint that failed.
        [(database, "database")]
            + ["wal", "wal.checkpoint", "shadow", "pinned.tmp"].map { ("\(database).\($0)", $0) }
    }

    /// Which engine made the database that was copied; nil without a copy.
    var maker: GraphEngine.Kind? { DatabaseFile.maker(folder + "/database") }

    /// Copies the database, durably, before anything can be found under the copy's name.
    func make() throws {
        let files = FileManager.default
        try? files.removeItem(atPath: unfinished)
        try files.createDirectory(atPath: unfinished, withIntermediateDirectories: false)
        for part in parts where files.fileExists(atPath: part.original) {
            try copyInChild(part.original, to: unfinished + "/" + part.name)
            try synchronize(unfinished + "/" + part.name)
        }
        try synchronize(unfinished)
        try files.moveItem(atPath: unfinished, toPath: folder)
        try synchronize(parent)
    }

    /// Deletes the copy, durably: a later restart must not go back to it.
    func delete() throws {
        // Renamed first, since a folder half deleted would be restored as a database without its log.
        try? FileManager.default.removeItem(atPath: unfinished)
        try FileManager.default.moveItem(atPath: folder, toPath: unfinished)
        try synchronize(parent)
        try FileManager.default.removeItem(atPath: unfinished)
    }

    /// Puts a left-over copy back. Can be interrupted at any point and run again, since the copy stays until `delete`.
    /// - Returns: whether there was one.
    func restoreIfPresent() throws -> Bool {
        let files = FileManager.default
        try? files.removeItem(atPath: unfinished)
        guard files.fileExists(atPath: folder) else { return false }
        for left in [".wal", ".wal.seal", ".wal.checkpoint", ".shadow", ".pinned.tmp", ".tmp"] {
            try? files.removeItem(atPath: database + left)
        }
        for part in parts where files.fileExists(atPath: folder + "/" + part.name) {
            try? files.removeItem(atPath: part.original)
            try files.copyItem(atPath: folder + "/" + part.name, toPath: part.original)
            try synchronize(part.original)
        }
        try synchronize(parent)
        return true
    }

    private var parent: String { URL(fileURLWithPath: database).deletingLastPathComponent().path }

    /// In a child process: opening and closing the file in this one would drop the engine's lock on it, since `fcntl` locks belong to
    /// the process.
    private func copyInChild(_ source: String, to destination: String) throws {
        let copy = Process()
        copy.executableURL = URL(fileURLWithPath: "/bin/cp")
        copy.arguments = ["--", source, destination]
        let errors = Pipe()
        copy.standardError = errors
        copy.standardInput = FileHandle.nullDevice
        try copy.run()
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        copy.waitUntilExit()
        guard copy.terminationStatus == 0 else {
            throw GraphError.cannotOpen(
                path: database, reason: "no copy before the checkpoint: \(message.isEmpty ? "cp failed" : message)")
        }
    }

    private func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", path) }
    }

    private func failure(_ call: String, _ path: String) -> GraphError {
        .cannotOpen(path: database, reason: "\(call) of \(path): \(String(cString: strerror(errno))).")
    }
}
