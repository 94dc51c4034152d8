import Foundation

/// The database's file as the first connection found it, so that all others open the same one.
///
/// SQLite would make an empty database where the file was moved away, and read another one where it was replaced; connections that are open
/// go on with the old one and notice nothing.
struct SQLiteFile: Sendable {
    let path: String
    private let device: UInt64
    private let number: UInt64

    /// The file that is at `path` now.
    init(at path: String) throws(SQLiteStoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SQLiteStoreError(
                .open, path: path, reason: "it is gone (\(String(cString: strerror(errno))))",
                remedy: "Put it back; while a pool is open its file must stay where it is.")
        }
        self.path = path
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// - Throws: if there is none or another one at the path now.
    func check() throws(SQLiteStoreError) {
        let now = try SQLiteFile(at: path)
        guard now.device == device, now.number == number else {
            throw SQLiteStoreError(
                .open, path: path, reason: "another file has taken its place since it was opened",
                remedy: "Shut the pool down before the file is replaced, and open it again afterwards.")
        }
    }

    /// SQLite's own error for all of these is "unable to open database file".
    static func checkPath(_ path: String, isReadOnly: Bool) throws(SQLiteStoreError) {
        func refuse(_ reason: String, _ remedy: String) -> SQLiteStoreError {
            SQLiteStoreError(.open, path: path, reason: reason, remedy: remedy)
        }
        guard !path.isEmpty, path != ":memory:" else {
            throw refuse("its connections could not share it", "Give the path of a file.")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            if isFolder.boolValue { throw refuse("it is a folder", "Give the path of a file.") }
        } else if isReadOnly {
            throw refuse("it does not exist", "A read-only database can't be created.")
        }
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw refuse("the folder \(folder) does not exist", "Create it first.")
        }
        // The log and its index live beside the database, so writing needs the folder too.
        guard isReadOnly || access(folder, W_OK) == 0 else {
            throw refuse("the folder \(folder) is not writable", "Choose another one, or give this user the right.")
        }
    }
}
