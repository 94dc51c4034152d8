#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Small files that the system makes when they are read, such as those in /proc. They have no size, and are read often: no Foundation.
enum SystemFile {
    /// - Throws: the number of the system's error.
    static func read(_ path: String) throws(SystemErrorNumber) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemErrorNumber() }
        defer { close(file) }
        var text: [UInt8] = []
        while true {
            // Most are shorter than this, and read at once.
            let (part, error) = withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
                let count = platformRead(file, buffer.baseAddress, buffer.count)
                // Before anything else can change it.
                let error = SystemErrorNumber()
                if count > 0 { text.append(contentsOf: buffer[..<count]) }
                return (count, error)
            }
            if part < 0, error.number == EINTR { continue }
            guard part >= 0 else { throw error }
            if part == 0 { return String(decoding: text, as: UTF8.self) }
        }
    }

    /// The names in a folder, without `.` and `..`.
    ///
    /// - Throws: the number of the system's error.
    static func names(in path: String) throws(SystemErrorNumber) -> [String] {
        guard let folder = opendir(path) else { throw SystemErrorNumber() }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// What `errno` was.
struct SystemErrorNumber: Error, Hashable {
    let number: Int32

    init() {
        number = errno
    }

    var text: String { String(cString: strerror(number)) }
}

private func platformRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(file, buffer, count)
}
