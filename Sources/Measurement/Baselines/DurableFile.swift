import Foundation

/// A file that is there as a whole or not at all, also when the machine stops while it is written.
enum DurableFile {
    /// - Throws: the number of the system's error. Nothing is left behind then.
    static func write(_ data: Data, to path: String) throws(SystemErrorNumber) {
        // In the same folder, because only there it can take the other's place in one step.
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = "\(folder)/.\((path as NSString).lastPathComponent).\(UUID().uuidString)"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw SystemErrorNumber() }
        do throws(SystemErrorNumber) {
            do throws(SystemErrorNumber) {
                try write(data, file)
                guard fsync(file) == 0 else { throw SystemErrorNumber() }
            } catch {
                close(file)
                throw error
            }
            guard close(file) == 0, rename(temporary, path) == 0 else { throw SystemErrorNumber() }
        } catch {
            unlink(temporary)
            throw error
        }
        // The name is in the folder, which has to reach the disk as well. Some file systems don't let a folder be synchronised.
        let directory = open(folder, O_RDONLY | O_CLOEXEC)
        if directory >= 0 {
            _ = fsync(directory)
            close(directory)
        }
    }

    private static func write(_ data: Data, _ file: Int32) throws(SystemErrorNumber) {
        var written = 0
        while written < data.count {
            let (count, error) = data.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Foundation.write(file, rest.baseAddress, rest.count)
                return (count, SystemErrorNumber())
            }
            if count < 0, error.number == EINTR { continue }
            guard count > 0 else { throw error }
            written += count
        }
    }
}
