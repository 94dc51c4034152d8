import RedisClient
import Synchronization
import Threads

/// A private redis-server, there for a scope.
///
/// It listens only where it was told to (and on a Unix socket in a private folder, for our own questions), belongs to
/// nobody else, and ends with its scope; when this process dies, however that happens, the server dies too and its
/// temporary folder is removed. Any number of them run side by side.
///
/// Safe to use from any task. Starting, stopping and restarting one server at the same time from several tasks is
/// refused with `LocalEngineError.Code.wrongState`.
public final class RedisServer: Sendable {
    /// Where clients reach it; stays the same over restarts.
    public let endpoint: RedisEndpoint
    /// What it was set up with.
    public let configuration: Configuration
    /// The program that runs, and its version.
    public let executable: RedisExecutable
    /// The folder with its files.
    public let folder: String
    /// Its log: everything that it printed, over all restarts.
    public let logFile: String
    /// The Unix socket that it has whatever its transport.
    public let controlSocket: String

    let port: FreePort?
    let scratch: TemporaryDirectory
    let state = Mutex(State())

    struct State {
        var process: SupervisedProcess?
        var isStarting = false
        var isClosed = false
        /// Somebody here asked the current process to end.
        var mayEnd = false
        /// Where the current process's part of the log begins.
        var logStart: Int64 = 0
    }

    init(
        _ configuration: Configuration, _ executable: RedisExecutable, _ scratch: TemporaryDirectory, _ port: FreePort?
    ) {
        self.configuration = configuration
        self.executable = executable
        self.scratch = scratch
        self.port = port
        folder = configuration.folder ?? scratch.path
        logFile = folder + "/redis.log"
        controlSocket = scratch.path(of: "redis.sock")
        endpoint = port.map { .tcp(host: "127.0.0.1", port: $0.number) } ?? .unixSocket(path: controlSocket)
    }

    /// Its version, such as `7.0.15`.
    public var version: String { executable.version }

    /// The current process's id; `nil` while none runs.
    public var processID: Int32? {
        state.withLock { $0.process.flatMap { $0.isRunning ? $0.processID : nil } }
    }

    /// Whether its process is there (a frozen one is).
    public var isRunning: Bool { processID != nil }

    /// The last lines of its log, oldest first.
    public func logLines(_ limit: Int = 20) async -> [String] {
        (try? await onThread { self.lastLogLines(limit) }) ?? []
    }

    /// As `logLines`, but reads some kilobytes of the file on the calling thread: for where nothing can be awaited.
    package func lastLogLines(_ limit: Int) -> [String] {
        lastLines(of: logFile, limit: limit)
    }

    /// Runs the body with a server that answers, and ends the server afterwards: at once when its folder is temporary,
    /// in order when its folder is kept.
    ///
    /// Cancelling the task ends the start with `CancellationError`; within the body it is the body's to notice.
    ///
    /// - Throws: `LocalEngineError` when the server cannot be found or started, or ended by itself while the body ran
    ///   (the body's own error is in `underlying` then); what the body throws.
    public static func withServer<T>(
        _ configuration: Configuration = Configuration(), isolation: isolated (any Actor)? = #isolation,
        _ body: (RedisServer) async throws -> T
    ) async throws -> T {
        let server = try await launch(configuration)
        let value: T
        do {
            value = try await body(server)
        } catch {
            let end = await server.close()
            guard let end, !(error is CancellationError) else { throw error }
            throw end.with(error)
        }
        if let end = await server.close() { throw end }
        return value
    }
}
