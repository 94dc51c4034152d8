#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A signal for a process of ours.
public struct ProcessSignal: RawRepresentable, Sendable, Hashable {
    /// The operating system's number.
    public let rawValue: Int32

    /// The signal of that number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// SIGKILL: ends the process at once, without a chance to write anything.
    public static let kill = ProcessSignal(rawValue: SIGKILL)
    /// SIGTERM: asks the process to end in order.
    public static let terminate = ProcessSignal(rawValue: SIGTERM)
    /// SIGSTOP: freezes the process; its sockets still accept connections.
    public static let suspend = ProcessSignal(rawValue: SIGSTOP)
    /// SIGCONT: thaws a frozen process.
    public static let resume = ProcessSignal(rawValue: SIGCONT)
}

/// How a process ended.
public enum ProcessExit: Sendable, Hashable, CustomStringConvertible {
    /// It ended itself with this status.
    case status(Int32)
    /// A signal ended it.
    case signal(ProcessSignal)

    /// Such as `exited with status 1` or `was ended by signal 9`.
    public var description: String {
        switch self {
        case .status(let status): "exited with status \(status)"
        case .signal(let signal): "was ended by signal \(signal.rawValue)"
        }
    }
}
