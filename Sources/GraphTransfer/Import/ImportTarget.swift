import Foundation

/// The place of a graph that is being imported. It is made in a folder beside, and moved when it is whole.
struct ImportTarget {
    let path: String

    /// Where it is made. Its presence also keeps a second import to the same place away.
    private var folder: String { path + ".importing" }
    private var unfinished: String { folder + "/graph" }

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Refuses a place where something is: a graph, or what an earlier one has left beside it, which the engine would take for the new
    /// one's.
    func check() throws {
        let rests = ["", ".wal", ".wal.seal", ".wal.checkpoint", ".shadow", ".pinned.tmp", ".tmp", ".checkpoint-copy"]
        for rest in rests where FileManager.default.fileExists(atPath: path + rest) {
            throw TransferError(
                .place, "\(path + rest) is there already.",
                remedy: rest.isEmpty
                    ? "Import to a file that is not there yet; nothing is ever overwritten."
                    : "It is left of an earlier graph; move it away, or import to another file.")
        }
    }

    /// - Returns: the path of the database to fill.
    func begin() throws -> String {
        guard mkdir(folder, 0o755) == 0 else {
            guard errno == EEXIST else {
                throw TransferError.file(folder, "can't be made: \(String(cString: strerror(errno)))")
            }
            throw TransferError(
                .place, "\(folder) is there: another import to this place is running, or was killed.",
                remedy: "Wait for it, or delete that folder.")
        }
        return unfinished
    }

    /// Gives the closed database its name, durably, unless that is taken meanwhile.
    func finish() throws {
        let log = unfinished + ".wal"
        let size = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
        guard (size ?? 0) == 0 else {
            throw TransferError(
                .place, "The engine has left \(size ?? 0) bytes in its log after a checkpoint.",
                remedy: "Report this as a defect.")
        }
        try ExportFolder.synchronize(unfinished)
        // Unlike a rename, a link never replaces what is there.
        guard link(unfinished, path) == 0 else {
            guard errno != EEXIST else { return try check() }
            throw TransferError.file(path, "can't be made: \(String(cString: strerror(errno)))")
        }
        try ExportFolder.synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        abandon()
    }

    /// Removes what is unfinished.
    func abandon() {
        try? FileManager.default.removeItem(atPath: folder)
    }
}
