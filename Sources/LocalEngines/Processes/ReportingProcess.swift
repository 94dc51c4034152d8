import Threads

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

/// A process of ours that tells what it does, line by line on its standard output, and that may be killed at any time:
/// what it wrote before is read all the same. It ends at the latest when we do.
package final class ReportingProcess: Sendable {
    /// The lines, until the process has ended.
    package let lines: AsyncStream<String>
    private let process: SupervisedProcess

    private init(process: SupervisedProcess, lines: AsyncStream<String>) {
        self.process = process
        self.lines = lines
    }

    /// Starts a program; what it writes to standard error is appended to the log file.
    package static func start(
        _ executable: String, _ arguments: [String], workingDirectory: String, logFile: String
    ) async throws -> ReportingProcess {
        let (readEnd, writeEnd) = try pipe()
        let process: SupervisedProcess
        do {
            // Ours is closed once the process has its own, so that the end of the process is the end of the lines.
            defer { try? writeEnd.close() }
            process = try await SupervisedProcess.start(
                executable, arguments, workingDirectory: workingDirectory, logFile: logFile, standardOutput: writeEnd)
        } catch {
            try? readEnd.close()
            throw error
        }
        let (lines, continuation) = AsyncStream<String>.makeStream()
        Task {
            try? await onThread("trivet-reports") { read(readEnd, into: continuation) }
            try? readEnd.close()
            continuation.finish()
        }
        return ReportingProcess(process: process, lines: lines)
    }

    /// A pair of sockets, because with them closing on exec can be asked for in the same call on Linux, so that no
    /// other process that is started at this moment gets an end.
    private static func pipe() throws -> (readEnd: FileDescriptor, writeEnd: FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        #endif
        guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }

    /// Blocks until the other end is closed.
    private static func read(_ descriptor: FileDescriptor, into lines: AsyncStream<String>.Continuation) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while let count = try? buffer.withUnsafeMutableBytes({ try descriptor.read(into: $0) }), count > 0 {
            rest += buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                lines.yield(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
        // A last line without its end was cut short, and says nothing.
    }

    /// Sends a signal.
    ///
    /// - Returns: false when the process has ended.
    @discardableResult
    package func send(_ signal: ProcessSignal) -> Bool { process.send(signal) }

    /// Waits until it has ended. Not cancellable: send a signal first.
    package func exit() async -> ProcessExit { await process.exit() }
}
