import Subprocess
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

/// A process of ours that the watchdog knows: it ends at the latest when we do.
///
/// It leads a session of its own, so that the terminal's Ctrl-C reaches us and not the process before we end it.
final class SupervisedProcess: Sendable {
    /// The process id.
    let processID: Int32
    private let life: Life
    private let ended: Task<ProcessExit, Never>

    private init(processID: Int32, life: Life, ended: Task<ProcessExit, Never>) {
        self.processID = processID
        self.life = life
        self.ended = ended
    }

    /// Starts a program; its output is appended to the log file.
    ///
    /// - Parameters:
    ///   - standardInput: what the process gets as its standard input; `nil`: nothing. It stays the caller's to close.
    ///   - standardOutput: where its standard output goes instead of the log file. It stays the caller's to close.
    static func start(
        _ executable: String, _ arguments: [String], workingDirectory: String, logFile: String,
        standardInput: FileDescriptor? = nil, standardOutput: FileDescriptor? = nil
    ) async throws -> SupervisedProcess {
        let home = try await Watchdog.shared.home()
        let log = try FileDescriptor.open(
            FilePath(logFile), .writeOnly, options: [.append, .create, .closeOnExec], permissions: .ownerReadWrite)
        let input: FileDescriptor
        if let standardInput {
            input = standardInput
        } else {
            input = try FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec)
        }
        defer { if standardInput == nil { try? input.close() } }

        // Registers itself, then becomes the program under the same process id.
        let arguments = ["-c", ": >\"$0/$$\" || exit 127; exec \"$@\"", home.processes, executable] + arguments
        let life = Life()
        var ended: Task<ProcessExit, Never>?
        let processID = try await withCheckedThrowingContinuation { (started: CheckedContinuation<Int32, any Error>) in
            ended = Task {
                await supervise(arguments, workingDirectory, input, standardOutput, log, home, life, started)
            }
        }
        // Always set: the closure above has run. Swift just cannot know.
        guard let ended else { throw CancellationError() }
        return SupervisedProcess(processID: processID, life: life, ended: ended)
    }

    private static func supervise(
        _ arguments: [String], _ workingDirectory: String, _ input: FileDescriptor, _ output: FileDescriptor?,
        _ log: FileDescriptor,
        _ home: Watchdog.Home, _ life: Life, _ started: CheckedContinuation<Int32, any Error>
    ) async -> ProcessExit {
        defer { try? log.close() }
        var options = PlatformOptions()
        options.createSession = true
        var waiting: CheckedContinuation<Int32, any Error>? = started
        var processID: Int32 = 0
        var exit = ProcessExit.status(127)
        do {
            let result = try await run(
                .path("/bin/sh"), arguments: Arguments(arguments), workingDirectory: FilePath(workingDirectory),
                platformOptions: options, input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .fileDescriptor(output ?? log, closeAfterSpawningProcess: false), error: .sequence
            ) { execution in
                processID = execution.processIdentifier.value
                waiting?.resume(returning: processID)
                waiting = nil
                // The end of standard error is the end of the process. Until this closure returns it is not reaped, so
                // that no signal of ours can meet another process that was given its id.
                do {
                    for try await chunk in execution.standardError {
                        _ = try chunk.withUnsafeBytes { try log.writeAll($0) }
                    }
                } catch {
                    // A log that cannot be written (a full disk) must not end the engine.
                }
                life.end()
            }
            exit =
                switch result.terminationStatus {
                case .exited(let status): .status(status)
                case .signaled(let signal): .signal(ProcessSignal(rawValue: signal))
                }
        } catch {
            life.end()
            waiting?.resume(throwing: error)
        }
        if processID != 0 { unlink("\(home.processes)/\(processID)") }
        return exit
    }

    /// Whether it is still there (a frozen process is).
    var isRunning: Bool { life.isRunning }

    /// Sends a signal.
    ///
    /// - Returns: false when the process has ended.
    @discardableResult
    func send(_ signal: ProcessSignal) -> Bool {
        life.whileRunning { kill(processID, signal.rawValue) == 0 } ?? false
    }

    /// Waits until it has ended. Not cancellable: send a signal first, or wait in a task of your own.
    func exit() async -> ProcessExit {
        await ended.value
    }
}

/// Whether a process runs; guards its id.
private final class Life: Sendable {
    private let running = Mutex(true)

    var isRunning: Bool { running.withLock { $0 } }

    func end() { running.withLock { $0 = false } }

    func whileRunning<T: Sendable>(_ action: () -> T) -> T? {
        running.withLock { $0 ? action() : nil }
    }
}
