/// What a pool does with connections that nobody else does.
extension RedisConnection {
    /// Whether a request has timed out and nothing has been received since: the server is frozen or blocked, or the network is gone.
    /// Any thread; a moment later it may be otherwise.
    package var isSilent: Bool { self.monitor.isSilent.load(ordering: .relaxed) }

    /// Whether no command was sent that changes what others mean, see ``isReusable``.
    package var isClean: Bool { self.monitor.isClean.load(ordering: .relaxed) }

    /// Sends a command that has been found fit for a shared connection already (``RedisCommand/connectionUse``), with a time limit that replaces
    /// the command's own.
    package func reply(
        to command: RedisCommand, within timeout: RedisCommand.Timeout
    ) async -> Result<RESPValue, RedisError> {
        // Not through `reply(to:lease:timeout:id:)`: one more asynchronous call would be a twentieth of what a command costs.
        let id = self.makeID()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Result<RESPValue, RedisError>, Never>) in
                self.start(.command(command), id: id, waiter: .one(continuation), lease: 0, timeout: timeout)
            }
        } onCancel: {
            self.cancel(id: id)
        }
    }

    /// Brings the connection back to the state that its configuration describes: RESET (Redis 6.2) and the handshake, in one write.
    ///
    /// Nobody else may use the connection meanwhile.
    ///
    /// - Throws: ``RedisError`` if the server refuses part of it, or something was changed that RESET leaves. Close the connection then.
    package func restoreSession() async throws(RedisError) {
        guard self.monitor.isResettable.load(ordering: .relaxed) else {
            throw RedisError(
                .refused, "RESET does not undo what was changed", remedy: "Open another connection.",
                endpoint: self.endpoint)
        }
        let handshake = Handshake(configuration: self.configuration, endpoint: self.endpoint)
        let commands = self.protocolVersion == .resp3 ? handshake.opening : handshake.withoutHello
        let replies = await self.batch([RedisCommand("RESET")] + commands, lease: 0)
        _ = try replies.first?.get()
        switch handshake.judge(commands, Array(replies.dropFirst())) {
        case .ready(self.protocolVersion):
            self.monitor.isClean.store(true, ordering: .relaxed)
        case .failed(let error):
            throw error
        case .ready, .fallBack:
            throw RedisError(
                .unexpectedReply, "after RESET the server speaks another protocol", remedy: "Open another connection.",
                command: "RESET", endpoint: self.endpoint)
        }
    }
}
