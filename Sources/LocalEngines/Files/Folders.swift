import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes a folder that only this user can read; one that is already there is fine. Blocks.
func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
        throw LocalEngineError(.fileSystem, "the folder \(path) cannot be made: \(Errno(rawValue: errno))")
    }
}

/// Makes a folder and those above it. Blocks.
func makeFolders(_ path: String) throws {
    var folder = FilePath(path)
    var lacking: [FilePath] = []
    while !folder.isEmpty, access(folder.string, F_OK) != 0 {
        lacking.append(folder)
        guard folder.removeLastComponent() else { break }
    }
    for folder in lacking.reversed() { try makeFolder(folder.string) }
}

/// Removes a file, or a folder with everything in it; what is not there is fine. Symbolic links are not followed. Blocks.
func remove(_ path: String) {
    if unlink(path) == 0 || errno == ENOENT { return }
    for name in names(in: path) { remove(path + "/" + name) }
    rmdir(path)
}

/// What is in a folder; nothing if it cannot be read. Blocks.
func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
        }
        if name != ".", name != ".." { found.append(name) }
    }
    return found
}

/// Writes a file that only this user can read. Blocks.
func write(_ text: String, to path: String) throws {
    let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
}

/// The last lines of a file, at most so many; nothing if it cannot be read. Blocks, for some kilobytes.
func lastLines(of path: String, from start: Int64 = 0, limit: Int = 20) -> [String] {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return [] }
    defer { try? file.close() }
    guard let end = try? file.seek(offset: 0, from: .end), end > start else { return [] }
    let offset = max(start, end - 16_384)
    var bytes = [UInt8](repeating: 0, count: Int(end - offset))
    let count = (try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: offset, into: $0) }) ?? 0
    return String(decoding: bytes.prefix(count), as: UTF8.self)
        .split(separator: "\n").suffix(limit).map(String.init)
}

/// A file's size; 0 if there is none. Blocks.
func size(of path: String) -> Int64 {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return 0 }
    defer { try? file.close() }
    return (try? file.seek(offset: 0, from: .end)) ?? 0
}
