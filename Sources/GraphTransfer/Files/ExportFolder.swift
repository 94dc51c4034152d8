import Foundation

/// The folder of an export. It is made under another name and gets its own when it is whole, so that half an export is never found under it.
struct ExportFolder {
    let path: String

    /// Where it is made. Its presence also keeps a second export to the same place away.
    private var unfinished: String { path + ".unfinished" }

    init(_ path: String) {
        self.path = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// Makes the folder to write to.
    /// - Returns: its path, until ``finish(_:)``.
    func begin() throws -> String {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: path, isDirectory: &isFolder) {
            let isEmpty = isFolder.boolValue && ((try? files.contentsOfDirectory(atPath: path))?.isEmpty ?? false)
            guard isEmpty else {
                throw TransferError(
                    .place, "\(path) is there, and \(isFolder.boolValue ? "not empty" : "no folder").",
                    remedy: "Export to a folder that is not there yet; nothing is ever overwritten.")
            }
        }
        guard mkdir(unfinished, 0o755) == 0 else {
            guard errno == EEXIST else {
                throw TransferError.file(unfinished, "can't be made: \(String(cString: strerror(errno)))")
            }
            throw TransferError(
                .place, "\(unfinished) is there: another export to this place is running, or was killed.",
                remedy: "Wait for it, or delete that folder.")
        }
        return unfinished
    }

    /// Writes the manifest, last of all, and gives the folder its name.
    func finish(_ manifest: ExportManifest) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var file = try PartFileWriter(unfinished + "/" + ExportManifest.fileName)
        try file.write(Array(try encoder.encode(manifest)))
        _ = try file.finish()
        try Self.synchronize(unfinished)
        guard rename(unfinished, path) == 0 else {
            throw TransferError.file(path, "can't be made: \(String(cString: strerror(errno)))")
        }
        try Self.synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }

    /// Removes what was written so far.
    func abandon() {
        try? FileManager.default.removeItem(atPath: unfinished)
    }

    /// The manifest of a whole export.
    func manifest() throws -> ExportManifest {
        let file = path + "/" + ExportManifest.fileName
        guard let data = FileManager.default.contents(atPath: file) else {
            throw TransferError(
                .damaged, "There is no \(file), so \(path) is no export, or an unfinished one.",
                remedy: "Name the folder that trivet graph export has made.")
        }
        let known = try? JSONDecoder().decode(Known.self, from: data)
        guard let known, known.format == ExportManifest.format else {
            throw TransferError(.damaged, "\(file) is not that of a graph's export.", remedy: "Check the path.")
        }
        guard known.version == ExportManifest.version else {
            throw TransferError(
                .damaged,
                "\(path) has version \(known.version) of the format, and this Trivet reads \(ExportManifest.version).",
                remedy: "Use the Trivet that exported it, or export again.")
        }
        do {
            return try JSONDecoder().decode(ExportManifest.self, from: data)
        } catch {
            throw TransferError(.damaged, "\(file) can't be read: \(error)", remedy: "Export the graph again.")
        }
    }

    private struct Known: Decodable {
        var format: String
        var version: Int
    }

    /// Refuses an export whose files are not those that its manifest names.
    func check(_ manifest: ExportManifest, _ observer: TransferObserver) throws {
        for part in manifest.parts {
            observer(TransferProgress(step: "checking", part: part.title, rows: 0, total: part.rows))
            guard !part.file.contains("/"), part.file != ".." else {
                throw TransferError(
                    .damaged, "The manifest names a file elsewhere: \(part.file).", remedy: "Don't trust it.")
            }
            let file = path + "/" + part.file
            let found = try PartFileReader.checksum(file)
            guard found == (part.sha256, part.bytes) else {
                throw TransferError(
                    .damaged, "\(file) is not what was exported: its checksum or length is another one.",
                    remedy: "Export the graph again, or copy the folder again.")
            }
        }
    }

    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TransferError.file(path, "can't be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw TransferError.file(path, "can't be made durable") }
    }
}
