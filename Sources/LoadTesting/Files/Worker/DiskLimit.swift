import Foundation

/// The system's limit to the size of this process's files, as a disk that has no room.
///
/// It holds for this process alone, and needs no right. Unlike on a full disk, what lies in a file already can't be overwritten either, and the
/// system's error is EFBIG.
enum DiskLimit {
    /// From now on no file can be written. Sockets and pipes go on.
    static func fill() throws { try limit(to: 0) }

    /// From now on no file can be written beyond so many bytes.
    static func limit(to bytes: Int) throws {
        // The signal that comes with the error would end the process.
        signal(SIGXFSZ, SIG_IGN)
        try set { $0.rlim_cur = rlim_t(bytes) }
    }

    static func free() throws { try set { $0.rlim_cur = $0.rlim_max } }

    private static func set(_ change: (inout rlimit) -> Void) throws {
        #if os(Linux) && !canImport(Musl)
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        #else
            let resource = RLIMIT_FSIZE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { throw refusal }
        change(&limit)
        guard setrlimit(resource, &limit) == 0 else { throw refusal }
    }

    private static var refusal: ImpossibleFault {
        ImpossibleFault(description: "the size of files can't be limited here: \(String(cString: strerror(errno)))")
    }
}
