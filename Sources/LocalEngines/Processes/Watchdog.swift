import Subprocess
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

/// Sees to it that nothing of ours outlives this process, however it ends.
///
/// A `/bin/sh` waits for the end of a connection that only this process holds open. The kernel closes it when the process is
/// gone, also by SIGKILL. Then the shell kills every process that is registered, and removes our home folder with all
/// temporary folders in it. (A parent-death signal would not do: it is bound to the thread that created the child, and
/// Swift's tasks have no thread of their own.)
///
/// A child registers itself, by a file named after its process id, before it becomes the engine (`SupervisedProcess`).
/// The shell first renames the home folder: from then on no child can register, and one that cannot register ends. So
/// there is no moment at which a child would be missed.
final class Watchdog: Sendable {
    static let shared = Watchdog()

    /// One for each process: where temporary folders and the registered processes are.
    struct Home: Sendable {
        let path: String
        var processes: String { path + "/processes" }
    }

    private let start = Mutex<Task<Home, any Error>?>(nil)

    /// The home folder, watched; the first call starts the watchdog. A failed start is tried again by the next call.
    func home() async throws -> Home {
        let task = start.withLock { start in
            if let start { return start }
            let task = Task { try await Self.watch() }
            start = task
            return task
        }
        do {
            return try await task.value
        } catch {
            start.withLock { if $0 == task { $0 = nil } }
            throw error
        }
    }

    private static func watch() async throws -> Home {
        let home = Home(path: try await onThread { try makeHome() })
        let lifeline = try Lifeline()
        _ = try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
            Task { await supervise(home, lifeline, started) }
        }
        return home
    }

    private static func supervise(
        _ home: Home, _ lifeline: Lifeline, _ started: CheckedContinuation<Void, any Error>
    ) async {
        var waiting: CheckedContinuation<Void, any Error>? = started
        var options = PlatformOptions()
        // A session of its own, so that the terminal's Ctrl-C reaches us but not the watchdog.
        options.createSession = true
        // It ends before us only when somebody kills it; a few successors are granted.
        for _ in 0..<4 {
            do {
                _ = try await run(
                    .path("/bin/sh"), arguments: ["-c", script, home.path], workingDirectory: "/",
                    platformOptions: options,
                    input: .fileDescriptor(lifeline.readEnd, closeAfterSpawningProcess: false),
                    output: .discarded, error: .discarded
                ) { _ in
                    waiting?.resume()
                    waiting = nil
                }
            } catch {
                waiting?.resume(throwing: error)
                return
            }
        }
    }

    private static let script = """
        trap '' HUP INT TERM QUIT
        while read -r _; do :; done
        gone=$0.gone
        mv "$0" "$gone" || exit 0
        for process in "$gone"/processes/*; do
            process=${process##*/}
            kill -9 "-$process"
            kill -9 "$process"
        done
        tries=0
        until rm -rf "$gone"; do
            tries=$((tries + 1))
            [ "$tries" -lt 100 ] || exit 1
            sleep 0.1
        done
        """

    /// Kept short: a Unix socket's path has room for about 100 bytes.
    private static func makeHome() throws -> String {
        var parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
        if parent.isEmpty || parent.utf8.count > 60 { parent = "/tmp" }
        var template = Array("\(parent)/trivet-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LocalEngineError(
                .fileSystem, "no temporary folder could be made in \(parent): \(Errno(rawValue: errno))",
                remedy: "Set TMPDIR to a folder that can be written.")
        }
        let path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        try makeFolder(path + "/processes")
        return path
    }
}

/// The connection whose end tells the watchdog that we are gone. No child inherits our end of it. (A pair of sockets,
/// because with them closing on exec can be asked for in the same call on Linux, without a moment in between.)
private struct Lifeline: Sendable {
    let readEnd: FileDescriptor
    let writeEnd: FileDescriptor

    init() throws {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let stream = SOCK_STREAM
        #else
            let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        #endif
        guard socketpair(AF_UNIX, stream, 0, &ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = FileDescriptor(rawValue: ends[0])
        writeEnd = FileDescriptor(rawValue: ends[1])
    }
}
