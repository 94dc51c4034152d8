/// Why an engine of our own could not be found, started or kept alive: the cause, what its log says, what to do.
public struct LocalEngineError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        private init(_ name: String) { description = name }

        /// The engine is not installed.
        public static let missing = Code("missing")
        /// The file that was given as the engine cannot be executed.
        public static let notExecutable = Code("notExecutable")
        /// The engine refused its configuration.
        public static let configuration = Code("configuration")
        /// Another process uses the port.
        public static let portInUse = Code("portInUse")
        /// Another engine works in the same folder.
        public static let folderInUse = Code("folderInUse")
        /// It ended while it started.
        public static let endedAtStart = Code("endedAtStart")
        /// It runs, but did not answer in time.
        public static let notReady = Code("notReady")
        /// It ended although nobody here asked it to.
        public static let endedUnexpectedly = Code("endedUnexpectedly")
        /// It was asked for something that its state does not allow, such as a start while it runs.
        public static let wrongState = Code("wrongState")
        /// It answered a command with an error, or not at all.
        public static let command = Code("command")
        /// A folder or file could not be made.
        public static let fileSystem = Code("fileSystem")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What happened, in one sentence. Safe to print.
    public let message: String
    /// The last lines of the engine's log, oldest first.
    public let log: [String]
    /// What to do about it, where that is known.
    public let remedy: String?
    /// The error behind this one, such as the one that a test met when the engine was gone.
    public let underlying: (any Error)?

    init(
        _ code: Code, _ message: String, log: [String] = [], remedy: String? = nil, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.log = log
        self.remedy = remedy
        self.underlying = underlying
    }

    /// The same, with the error behind it.
    func with(_ underlying: any Error) -> LocalEngineError {
        LocalEngineError(code, message, log: log, remedy: remedy, underlying: underlying)
    }

    /// All of it, over several lines.
    public var description: String {
        var lines = [message]
        if let remedy { lines.append(remedy) }
        if let underlying { lines.append("First seen as: \(underlying)") }
        if !log.isEmpty {
            lines.append("Its log ends with:")
            lines += log.map { "    " + $0 }
        }
        return lines.joined(separator: "\n")
    }
}
