import Threads

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
            try await onThread {
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
        return try await onThread {
            var connection = try ControlConnection(path: path, seconds: seconds)
            if let password { _ = try connection.send(["AUTH", password]) }
            return try connection.send(words)
        }
    }
}
