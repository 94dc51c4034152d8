/// A pool at one moment. A value: it does not change, and a moment later the pool may be otherwise.
public struct PoolStatus: Sendable, Hashable {
    /// A pool's life.
    public enum Phase: String, Sendable, Hashable {
        /// Hands out connections.
        case running
        /// Serves those who wait already, and nobody new.
        case draining
        /// Hands out nothing any more.
        case closed
    }

    /// Where the pool is in its life.
    public var phase: Phase = .running
    /// Connections that are open and unused.
    public var idle = 0
    /// Connections in use.
    public var leased = 0
    /// Connections being opened.
    public var opening = 0
    /// Connections being probed: a keep-alive, or a validation after an error.
    public var checking = 0
    /// Connections being closed. They count against `maximum` until they are gone.
    public var closing = 0
    /// Tasks that wait for a connection.
    public var waiting = 0
    /// The number of connections that the pool keeps open.
    public var minimum = 0
    /// The most connections that may exist at one time.
    public var maximum = 0
    /// How many attempts to connect have failed since one last succeeded.
    public var connectFailuresInARow = 0
    /// The last failure to connect, and still here after connecting works again; nil if there was none.
    public var lastConnectFailure: ConnectFailure?
    /// Totals since the pool was made.
    public var counters = PoolCounters()

    /// All connections: idle, leased, opening, checking and closing.
    public var total: Int { idle + leased + opening + checking + closing }

    /// Leased connections as a part of `maximum`, 0 to 1; above 1 for a moment after the pool was made smaller.
    public var utilization: Double { maximum > 0 ? Double(leased) / Double(maximum) : 0 }
}

extension PoolStatus: CustomStringConvertible {
    /// One line with every count.
    public var description: String {
        """
        \(idle) idle, \(leased) leased, \(opening) opening, \(checking) checking, \(closing) closing, \(waiting) waiting, \
        min \(minimum), max \(maximum), \(phase.rawValue)
        """
    }
}

/// A failed attempt to open a connection.
public struct ConnectFailure: Sendable, Hashable, CustomStringConvertible {
    /// What the factory threw.
    public let error: any Error
    /// `error` as text, as the factory's error describes itself.
    public let description: String
    /// Whether further attempts will fail alike, as with wrong credentials: nobody waits for them then. The pool still makes them.
    public let isLasting: Bool

    /// A failure; the error's text is taken now.
    public init(_ error: any Error, isLasting: Bool = false) {
        self.error = error
        self.description = "\(error)"
        self.isLasting = isLasting
    }

    /// Whether both read the same: errors themselves can't be compared.
    public static func == (a: ConnectFailure, b: ConnectFailure) -> Bool { a.description == b.description }

    /// Feeds the text to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(description)
    }
}

/// Who uses a connection: since when, and where in the source it was acquired.
public struct PoolHolder: Sendable, Hashable, CustomStringConvertible {
    /// How long it has been held.
    public let age: Duration
    /// Where it was acquired.
    public let place: CodePlace

    /// A holder.
    public init(age: Duration, place: CodePlace) {
        self.age = age
        self.place = place
    }

    /// Place and age.
    public var description: String { "\(place) for \(age)" }
}

/// What has happened in a pool since it was made (M1).
public struct PoolCounters: Sendable, Hashable {
    /// Connections handed out.
    public var acquired = 0
    /// Of `acquired`: connections that had been used before.
    public var reused = 0
    /// Of `acquired`: those that had to be waited for.
    public var waited = 0
    /// The time that tasks have waited, whether they got a connection or not.
    public var waitTime: Duration { .nanoseconds(waitNanoseconds) }
    /// The time that connections have been held, those in use now not counted.
    public var holdTime: Duration { .nanoseconds(holdNanoseconds) }
    /// Acquires that ran into their timeout.
    public var timedOut = 0
    /// Acquires that were cancelled while they waited.
    public var cancelled = 0
    /// Acquires refused because nothing could ever have become free.
    public var deadlocks = 0
    /// Acquires that ended because connecting failed and no connection was left.
    public var unreachable = 0
    /// Connections opened.
    public var opened = 0
    /// Attempts to open one that failed.
    public var openFailed = 0
    /// Connections closed, by the pool or because they were found broken.
    public var closed = 0
    /// Probes that failed, after an error or as a keep-alive.
    public var checksFailed = 0
    /// Leases that were reported as held too long.
    public var leaks = 0

    package var waitNanoseconds: Int64 = 0
    var holdNanoseconds: Int64 = 0

    package init() {}

    /// The part of acquires that got a connection used before, 0 to 1; 1 before the first acquire.
    public var reuseRate: Double { acquired > 0 ? Double(reused) / Double(acquired) : 1 }
}

/// How a pool's shutdown went.
public struct PoolDrainReport: Sendable, Hashable {
    /// The holders that still had a connection at the deadline, the longest first.
    public var remainingHolders: [PoolHolder] = []
    /// How many tasks still waited at the deadline, and got an error.
    public var refusedWaiters = 0
    /// How many connections were still being opened, probed or closed at the deadline.
    public var unfinishedOperations = 0

    package init(remainingHolders: [PoolHolder] = [], refusedWaiters: Int = 0, unfinishedOperations: Int = 0) {
        self.remainingHolders = remainingHolders
        self.refusedWaiters = refusedWaiters
        self.unfinishedOperations = unfinishedOperations
    }

    /// Whether everything was given back and closed in time.
    public var isComplete: Bool { remainingHolders.isEmpty && refusedWaiters == 0 && unfinishedOperations == 0 }
}
