extension RedisError {
    /// No node took the command in time.
    static func clusterUnavailable(_ call: RoutedCall, now: ContinuousClock.Instant) -> RedisError {
        let place =
            switch call.target {
            case .slot(let slot): "no node ran a command for slot \(slot)"
            case .anyMaster: "no master ran a command"
            case .node(let endpoint): "\(endpoint) ran no command"
            }
        let cause: String
        if let last = call.lastError {
            cause =
                "; the last answer was \(last.code)\(last.endpoint.map { " from \($0)" } ?? ""): \(last.message)"
                + "; asked were " + call.path.suffix(5).joined(separator: ", ")
        } else {
            cause = "; none is known that serves it"
        }
        return RedisError(
            .clusterUnavailable, "\(place) within \(Self.text(now - call.started))\(cause)",
            remedy:
                "Check the nodes (CLUSTER NODES): without a replica that can take over, the slots of a failed master stay "
                + "unserved until it is back. A longer timeout waits longer.",
            reply: call.lastError?.reply, endpoint: call.lastError?.endpoint, underlying: call.lastError)
    }

    static func tooManyRedirections(_ call: RoutedCall, limit: Int) -> RedisError {
        RedisError(
            .tooManyRedirections,
            "more than \(limit) redirections: " + call.path.joined(separator: " → "),
            remedy:
                "The nodes do not agree on who serves the slot: compare CLUSTER NODES on each, and run `redis-cli --cluster check`.",
            reply: call.lastError?.reply, endpoint: call.lastError?.endpoint, underlying: call.lastError)
    }

    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        return milliseconds < 1000 ? "\(Int(milliseconds)) ms" : "\((milliseconds / 100).rounded() / 10) s"
    }
}
