/// Reads from a server's log why it did not start.
enum RedisStartFailure {
    /// - Parameters:
    ///   - ended: how the process ended; nil: it runs, but did not become ready.
    static func explain(_ name: String, ended: ProcessExit?, log: [String]) -> LocalEngineError {
        func error(_ code: LocalEngineError.Code, _ why: String, _ remedy: String?) -> LocalEngineError {
            LocalEngineError(code, "\(name) did not start: \(why).", log: log, remedy: remedy)
        }
        func line(with text: String) -> String? {
            log.last { $0.contains(text) }
        }
        guard let ended else {
            return error(.notReady, "it runs, but did not answer in time", "Look into its log; allow it more time.")
        }
        if line(with: "Address already in use") != nil {
            return error(.portInUse, "another process uses its address", "Try again; another port is chosen then.")
        }
        if line(with: "FATAL CONFIG FILE ERROR") != nil {
            let reason = log.last ?? ""
            return error(
                .configuration, "it refuses its configuration: \(reason)", "Correct the settings or arguments.")
        }
        if line(with: "Bad file format reading the append only file") != nil {
            return error(
                .endedAtStart, "its append-only file is damaged",
                "Repair it with redis-check-aof --fix, or start with an empty folder.")
        }
        if case .status(126...127) = ended {
            return error(.notExecutable, "the program could not be executed", "Run scripts/bootstrap.")
        }
        return error(.endedAtStart, "it \(ended)", nil)
    }
}
