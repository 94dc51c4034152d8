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

/// Keeps a second engine out of a folder.
///
/// The lock belongs to the open file, not to this process: given to an engine as its standard input it is held for as
/// long as the engine, or a process that it forked, lives. So a folder is free exactly when nothing writes to it any more.
struct FolderLock: Sendable {
    let descriptor: FileDescriptor

    /// Takes the lock. Blocks for a moment.
    ///
    /// - Returns: nil while something else holds it.
    static func take(_ folder: String) throws -> FolderLock? {
        let descriptor = try FileDescriptor.open(
            FilePath(folder + "/engine.lock"), .readWrite, options: [.create, .closeOnExec],
            permissions: .ownerReadWrite)
        if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 { return FolderLock(descriptor: descriptor) }
        let cause = Errno(rawValue: errno)
        try descriptor.close()
        if cause == .wouldBlock { return nil }
        throw cause
    }

    /// Gives our own hold up; the engine's remains.
    func release() {
        try? descriptor.close()
    }
}
