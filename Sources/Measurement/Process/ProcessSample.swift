/// What a process has used up to a moment, and holds at it (M3).
public struct ProcessSample: Sendable, Hashable {
    /// The process's number.
    public var process: Int32
    /// When it was looked at.
    public var time: ContinuousClock.Instant
    /// Bytes that are resident in memory.
    public var residentMemory: Int
    /// The most bytes that were resident at a time; nil where the system doesn't tell.
    public var peakResidentMemory: Int?
    /// The processors' time for its own code, all threads together.
    public var userTime: Duration
    /// The processors' time for the system's code on its behalf, all threads together.
    public var systemTime: Duration
    /// Open files, sockets and pipes among them; nil where the system doesn't tell.
    public var openFiles: Int?
    /// Threads.
    public var threads: Int
    /// How often a thread gave its processor away, as it does to wait; nil where the system doesn't tell. Of another process on Linux, those of
    /// the threads that it has at the moment.
    public var voluntarySwitches: Int?
    /// How often a thread had its processor taken away; nil where the system doesn't tell. Of which threads: as above.
    public var involuntarySwitches: Int?
    /// With its number, what tells the process from all others.
    var start: UInt64

    /// What it used and how it changed since an earlier sample.
    ///
    /// - Returns: nil when the earlier sample is of another process, be it one that had the same number, or isn't earlier.
    public func since(_ earlier: ProcessSample) -> ProcessUsage? {
        guard earlier.process == process, earlier.start == start, earlier.time < time else { return nil }
        func difference(_ now: Int?, _ before: Int?) -> Int? {
            guard let now, let before else { return nil }
            return now - before
        }
        return ProcessUsage(
            duration: time - earlier.time, userTime: userTime - earlier.userTime,
            systemTime: systemTime - earlier.systemTime, residentMemory: residentMemory - earlier.residentMemory,
            openFiles: difference(openFiles, earlier.openFiles), threads: threads - earlier.threads,
            // Of another process, threads that ended have taken theirs with them.
            voluntarySwitches: difference(voluntarySwitches, earlier.voluntarySwitches).map { max(0, $0) },
            involuntarySwitches: difference(involuntarySwitches, earlier.involuntarySwitches).map { max(0, $0) })
    }
}

/// What a process used between two samples, and what changed.
public struct ProcessUsage: Sendable, Hashable {
    /// The time between the samples.
    public var duration: Duration
    /// The processors' time for its own code.
    public var userTime: Duration
    /// The processors' time for the system's code on its behalf.
    public var systemTime: Duration
    /// By how many bytes the resident memory grew; negative when it shrank.
    public var residentMemory: Int
    /// By how many open files there are more; nil where the system doesn't tell.
    public var openFiles: Int?
    /// By how many threads there are more.
    public var threads: Int
    /// How often a thread gave its processor away; nil where the system doesn't tell.
    public var voluntarySwitches: Int?
    /// How often a thread had its processor taken away; nil where the system doesn't tell.
    public var involuntarySwitches: Int?

    /// How many processors it kept busy on average: 1 is one processor all the time.
    public var processors: Double { (userTime + systemTime) / duration }
}

/// Why a process could not be looked at.
public struct ProcessSampleError: Error, Hashable, CustomStringConvertible {
    /// The kinds.
    public enum Code: Sendable, Hashable {
        /// There is no such process, or it has just ended.
        case gone
        /// The system doesn't let this process look at it.
        case notPermitted
        /// The system said something that can't be understood.
        case unreadable
    }

    /// The kind.
    public let code: Code
    /// The process's number.
    public let process: Int32
    /// What happened and, if so, with which file.
    public let description: String

    init(_ code: Code, process: Int32, _ text: String) {
        self.code = code
        self.process = process
        description = "process \(process): \(text)"
    }
}
