import Threads

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
        return try await onThread { try FreePort.reserve(neighbour: isNode ? 10_000 : nil) }
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
        try await onThread { try makeFolders(folder) }
        var lock: FolderLock?
        if configuration.folder != nil {
            // A predecessor that was just killed needs a moment to be gone.
            let deadline = ContinuousClock.now + .seconds(5)
            lock = try await onThread { try FolderLock.take(folder) }
            while lock == nil {
                guard ContinuousClock.now < deadline else {
                    throw LocalEngineError(
                        .folderInUse, "another redis-server works in \(folder).",
                        remedy: "End it, or choose another folder.")
                }
                try await Task.sleep(for: .milliseconds(20))
                lock = try await onThread { try FolderLock.take(folder) }
            }
        }
        do {
            let start = try await onThread {
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

    var name: String { "redis-server \(executable.version) (\(endpoint))" }

    /// The end of what the current process logged.
    private func currentLog() async -> [String] {
        let (logFile, start) = (logFile, state.withLock { $0.logStart })
        return (try? await onThread { lastLines(of: logFile, from: start) }) ?? []
    }
}
