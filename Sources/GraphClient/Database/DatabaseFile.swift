import Foundation

/// What can be known of a database's file without the engine, whose errors on opening carry no text (H13).
enum DatabaseFile {
    /// Refuses a path at which there can be no database, with the reason.
    static func checkPath(_ path: String, engine: GraphEngine, isReadOnly: Bool) throws {
        func refuse(_ reason: String) -> GraphError { .cannotOpen(path: path, reason: reason) }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw refuse("the path is empty or contains a NUL character.")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw refuse("the folder \(folder) doesn't exist. Create it first.")
        }
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            if isReadOnly { throw refuse("it doesn't exist, and a read-only database can't be created.") }
            guard access(folder, W_OK) == 0 else { throw refuse("the folder \(folder) is not writable.") }
            return
        }
        if isFolder.boolValue {
            throw refuse(
                "it is a folder. \(engine.kind.displayName) \(engine.version) keeps a database in one file; "
                    + "a folder is what versions before 0.11 made.")
        }
        guard access(path, isReadOnly ? R_OK : R_OK | W_OK) == 0 else {
            throw refuse("no permission to read and write it.")
        }
    }

    /// Which engine made a database; nil for a file that is none, or can't be read.
    static func maker(_ path: String) -> GraphEngine.Kind? {
        (try? header(of: path)).flatMap { $0.flatMap(maker) }
    }

    private static func header(of path: String) throws -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return [UInt8](try file.read(upToCount: 12) ?? Data())
    }

    private static func maker(of header: [UInt8]) -> GraphEngine.Kind? {
        GraphEngine.Kind.allCases.first { header.count == 12 && header.starts(with: $0.magic.utf8) }
    }

    /// Refuses a file that the engine can't open, with the reason.
    static func checkHeader(_ path: String, engine: GraphEngine) throws {
        func refuse(_ reason: String) -> GraphError { .cannotOpen(path: path, reason: reason) }
        guard FileManager.default.fileExists(atPath: path) else { return }
        guard let header = try header(of: path) else { throw refuse("it can't be read.") }
        // A file without content is what a crash before the first write leaves; the engine starts it anew.
        if header.isEmpty { return }
        guard let maker = maker(of: header) else { throw refuse("it is not a \(engine.kind.displayName) database.") }
        let version = header[4...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard maker == engine.kind else {
            throw refuse(
                """
                \(maker.displayName) made it (storage version \(version)), and \(engine.kind.displayName) \(engine.version) can't read \
                it. Open it with \(maker.displayName), which is taken where no engine is named: \
                \(GraphEngine.Kind.choice)=\(maker.rawValue), or GraphEngine.load(.\(maker.rawValue)). \
                Or move it to \(engine.kind.displayName) with trivet graph move.
                """)
        }
        guard engine.readableStorageVersions.contains(version) else {
            throw refuse(
                """
                it has storage version \(version), and \(engine.kind.displayName) \(engine.version) reads \
                \(engine.readableStorageVersions.count == 1 ? "version" : "versions \(engine.readableStorageVersions.lowerBound) to") \
                \(engine.storageVersion). Export it with the version that made it, and import it here.
                """)
        }
    }
}

extension GraphEngine {
    /// The versions of databases that it opens.
    fileprivate var readableStorageVersions: ClosedRange<UInt64> {
        min(capabilities.oldestStorageVersion ?? storageVersion, storageVersion)...storageVersion
    }
}
