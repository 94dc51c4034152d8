import Synchronization
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
    /// The operating system's number of it.
    package var processID: Int32 { process.processID }
    private let process: SupervisedProcess
    private let input: InputEnd

    private init(process: SupervisedProcess, lines: AsyncStream<String>, input: InputEnd) {
        self.process = process
        self.lines = lines
        self.input = input
    }

    /// Starts a program; what it writes to standard error is appended to the log file.
    ///
    /// - Parameter takesInput: whether it reads what ``tell(_:)`` gives it from its standard input.
    package static func start(
        _ executable: String, _ arguments: [String], workingDirectory: String, logFile: String,
        takesInput: Bool = false
    ) async throws -> ReportingProcess {
        let (readEnd, writeEnd) = try pipe()
        let process: SupervisedProcess
        do {
            // Ours is closed once the process has its own, so that the end of the process is the end of the lines.
            defer { try? writeEnd.close() }
            process = try await SupervisedProcess.start(
                executable, arguments, workingDirectory: workingDirectory, logFile: logFile,
                standardInput: takesInput ? writeEnd : nil, standardOutput: writeEnd)
        } catch {
            try? readEnd.close()
            throw error
        }
        let (lines, continuation) = AsyncStream<String>.makeStream()
        let input = InputEnd(readEnd)
        Task {
            try? await onThread("trivet-reports") { read(readEnd, into: continuation) }
            input.close()
            continuation.finish()
        }
        return ReportingProcess(process: process, lines: lines, input: input)
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

    /// Writes a line to its standard input. Blocks while the process reads nothing and much is waiting for it.
    ///
    /// - Returns: false when the process has ended, or has closed its input.
    @discardableResult
    package func tell(_ line: String) -> Bool { input.write(line + "\n") }

    /// Its standard input ends.
    package func endInput() { input.end() }

    /// Sends a signal.
    ///
    /// - Returns: false when the process has ended.
    @discardableResult
    package func send(_ signal: ProcessSignal) -> Bool { process.send(signal) }

    /// Waits until it has ended. Not cancellable: send a signal first.
    package func exit() async -> ProcessExit { await process.exit() }
}

/// Our end of the pair of sockets. Its number may be another file's once it is closed, so nobody writes to it then.
private final class InputEnd: Sendable {
    private let descriptor: Mutex<FileDescriptor?>

    init(_ descriptor: FileDescriptor) {
        self.descriptor = Mutex(descriptor)
        #if canImport(Darwin)
            var yes: Int32 = 1
            setsockopt(descriptor.rawValue, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    func write(_ text: String) -> Bool {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        var bytes = Array(text.utf8)[...]
        return descriptor.withLock { descriptor in
            guard let descriptor else { return false }
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { send(descriptor.rawValue, $0.baseAddress, $0.count, flags) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                bytes = bytes.dropFirst(count)
            }
            return true
        }
    }

    func end() {
        descriptor.withLock { descriptor in
            #if canImport(Darwin)
                let side = SHUT_WR
            #else
                let side = Int32(SHUT_WR)
            #endif
            if let descriptor { _ = shutdown(descriptor.rawValue, side) }
        }
    }

    func close() {
        descriptor.withLock { descriptor in
            try? descriptor?.close()
            descriptor = nil
        }
    }
}
