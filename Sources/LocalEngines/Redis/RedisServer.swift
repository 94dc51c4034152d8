import RedisClient
import Synchronization

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
    private let scratch: TemporaryDirectory
    private let state = Mutex(State())

    private struct State {
        var process: SupervisedProcess?
        var isStarting = false
        var isClosed = false
        /// Somebody here asked the current process to end.
        var mayEnd = false
        /// Where the current process's part of the log begins.
        var logStart: Int64 = 0
    }

    private init(
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
        (try? await offload { self.lastLogLines(limit) }) ?? []
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

// MARK: - Life

extension RedisServer {
    /// Starts one that its owner has to close.
    static func launch(_ configuration: Configuration) async throws -> RedisServer {
        let executable = try await RedisExecutable.find(configuration.executable)
        let scratch = try await TemporaryDirectory.make()
        do {
            // Between finding a free port and using it another process may have taken it.
            var attempts = 10
            while true {
                let port = try await freePort(configuration)
                do {
                    let server = RedisServer(configuration, executable, scratch, port)
                    try await server.start()
                    return server
                } catch let error as LocalEngineError where error.code == .portInUse && port != nil && attempts > 0 {
                    attempts -= 1
                    port?.release()
                } catch {
                    port?.release()
                    throw error
                }
            }
        } catch {
            await scratch.remove()
            throw error
        }
    }

    private static func freePort(_ configuration: Configuration) async throws -> FreePort? {
        if configuration.transport == .unixSocket { return nil }
        let isNode = configuration.settings["cluster-enabled"] == "yes"
        return try await offload { try FreePort.reserve(neighbour: isNode ? 10_000 : nil) }
    }

    /// Starts the server again after it ended, on the same endpoint and with what its files hold.
    ///
    /// - Throws: `LocalEngineError` (`wrongState` while it runs or after its scope); `CancellationError`.
    public func start() async throws {
        try state.withLock { state in
            guard !state.isClosed, !state.isStarting, state.process?.isRunning != true else {
                throw LocalEngineError(.wrongState, "\(name) was to be started while it runs or after its scope.")
            }
            state.isStarting = true
            state.mayEnd = false
        }
        defer { state.withLock { $0.isStarting = false } }

        let lock = try await prepareFolder()
        let process: SupervisedProcess
        do {
            defer { lock?.release() }
            process = try await SupervisedProcess.start(
                executable.path, [folder + "/redis.conf"] + configuration.arguments, workingDirectory: folder,
                logFile: logFile, standardInput: lock?.descriptor)
        }
        state.withLock { $0.process = process }
        do {
            try await waitUntilReady(process)
        } catch {
            state.withLock { $0.mayEnd = true }
            process.send(.kill)
            _ = await process.exit()
            throw error
        }
    }

    private func prepareFolder() async throws -> FolderLock? {
        let text = RedisConfigurationFile(
            configuration: configuration, folder: folder, controlSocket: controlSocket, port: port?.number
        ).text
        let (folder, logFile) = (folder, logFile)
        try await offload { try makeFolders(folder) }
        var lock: FolderLock?
        if configuration.folder != nil {
            // A predecessor that was just killed needs a moment to be gone.
            let deadline = ContinuousClock.now + .seconds(5)
            lock = try await offload { try FolderLock.take(folder) }
            while lock == nil {
                guard ContinuousClock.now < deadline else {
                    throw LocalEngineError(
                        .folderInUse, "another redis-server works in \(folder).",
                        remedy: "End it, or choose another folder.")
                }
                try await Task.sleep(for: .milliseconds(20))
                lock = try await offload { try FolderLock.take(folder) }
            }
        }
        do {
            let start = try await offload {
                try write(text, to: folder + "/redis.conf")
                return size(of: logFile)
            }
            state.withLock { $0.logStart = start }
        } catch {
            lock?.release()
            throw error
        }
        return lock
    }

    private func waitUntilReady(_ process: SupervisedProcess) async throws {
        let deadline = ContinuousClock.now + configuration.startTimeout
        while true {
            guard process.isRunning else {
                throw RedisStartFailure.explain(name, ended: await process.exit(), log: await currentLog())
            }
            if await isReady() { return }
            guard ContinuousClock.now < deadline else {
                throw RedisStartFailure.explain(name, ended: nil, log: await currentLog())
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Whether it answers, and has read its files.
    private func isReady() async -> Bool {
        guard let reply = try? await control(["PING"]) else { return false }
        switch reply {
        case .text: return true
        // Our password may have been taken away by the caller's settings; the log says it then.
        case .error(let message) where message.hasPrefix("NOAUTH") || message.hasPrefix("NOPERM"):
            return await currentLog().contains { $0.contains("eady to accept connections") }
        default: return false
        }
    }

    /// Ends it in order: it may write its files. A frozen one is thawed first; one that does not end within ten seconds
    /// is killed.
    public func stop() async {
        await Task { await self.end(orderly: true) }.value
    }

    /// Kills it (SIGKILL) and waits until it is gone: what was not in its files is lost.
    public func kill() async {
        await Task { await self.end(orderly: false) }.value
    }

    private func end(orderly: Bool) async {
        guard
            let process = state.withLock({ state in
                state.mayEnd = true
                return state.process
            })
        else { return }
        if orderly {
            process.send(.resume)
            process.send(.terminate)
            let deadline = ContinuousClock.now + .seconds(10)
            while process.isRunning, ContinuousClock.now < deadline {
                try? await Task.sleep(for: .milliseconds(2))
            }
        }
        process.send(.kill)
        _ = await process.exit()
    }

    /// Ends it for good and removes what is temporary; also in a cancelled task.
    ///
    /// - Returns: an error if it had ended without anybody asking it to.
    @discardableResult
    func close() async -> LocalEngineError? {
        await Task {
            while self.state.withLock({ state in
                state.isClosed = true
                return state.isStarting
            }) {
                try? await Task.sleep(for: .milliseconds(5))
            }
            let failure = await self.unexpectedEnd()
            await self.end(orderly: self.configuration.folder != nil)
            self.port?.release()
            await self.scratch.remove()
            return failure
        }.value
    }

    private func unexpectedEnd() async -> LocalEngineError? {
        let (process, mayEnd) = state.withLock { ($0.process, $0.mayEnd) }
        guard let process, !process.isRunning, !mayEnd else { return nil }
        return LocalEngineError(
            .endedUnexpectedly, "\(name) \(await process.exit()) although nobody asked it to.", log: await currentLog())
    }

    private var name: String { "redis-server \(executable.version) (\(endpoint))" }

    /// The end of what the current process logged.
    private func currentLog() async -> [String] {
        let (logFile, start) = (logFile, state.withLock { $0.logStart })
        return (try? await offload { lastLines(of: logFile, from: start) }) ?? []
    }
}

// MARK: - Faults

extension RedisServer {
    /// Sends a signal to its process.
    ///
    /// - Returns: false when no process runs.
    @discardableResult
    public func send(_ signal: ProcessSignal) -> Bool {
        state.withLock { state in
            if signal == .kill || signal == .terminate { state.mayEnd = true }
            return state.process?.send(signal) ?? false
        }
    }

    /// Freezes it (SIGSTOP): connections are still accepted, nothing is answered.
    public func suspend() {
        send(.suspend)
    }

    /// Thaws it (SIGCONT).
    public func resume() {
        send(.resume)
    }

    /// Kills it (SIGKILL), as a crash would, and starts it again on the same endpoint.
    ///
    /// - Parameter empty: whether its data files are removed before; without append-only file it comes back empty anyway.
    /// - Throws: as `start()`.
    public func restart(empty: Bool = false) async throws {
        await kill()
        if empty {
            let folder = folder
            try await offload {
                for name in ["appendonlydir", "appendonly.aof", "dump.rdb"] { remove(folder + "/" + name) }
            }
        }
        // Its port may have been taken for a moment by some connection of another process.
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await start()
            } catch let error as LocalEngineError where error.code == .portInUse && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Waits until its current process has ended; returns at once when none runs.
    ///
    /// - Throws: `CancellationError`.
    public func waitForExit() async throws -> ProcessExit? {
        guard let process = state.withLock({ $0.process }) else { return nil }
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return await process.exit()
    }

    /// Asks the server itself, over its control socket.
    func control(_ words: [String], seconds: Int = 2) async throws -> ControlReply {
        let (path, password) = (controlSocket, configuration.password)
        return try await offload {
            var connection = try ControlConnection(path: path, seconds: seconds)
            if let password { _ = try connection.send(["AUTH", password]) }
            return try connection.send(words)
        }
    }
}

extension LocalEngineError {
    fileprivate func with(_ underlying: any Error) -> LocalEngineError {
        LocalEngineError(code, message, log: log, remedy: remedy, underlying: underlying)
    }
}
