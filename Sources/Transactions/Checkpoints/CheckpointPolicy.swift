/// When the graph's log is moved into the database's file: a pure value that is told of commits and measurements.
///
/// A checkpoint lets nobody read the graph while it runs, so it is made rarely: when the log has become long enough to
/// slow recovery down, when the engine's memory fills (a changed property takes some 8 KB of it until the next
/// checkpoint), when the last one is long ago (the process has grown since, and reads have become slower), or when the
/// journal can't be trimmed without one.
struct CheckpointPolicy: Hashable, Sendable {
    /// What the graph says of itself.
    struct Load: Hashable, Sendable {
        /// The log's length, in bytes.
        var log = 0
        /// The part of the engine's memory that is in use, 0 to 1.
        var memory = 0.0
    }

    enum Urgency: Hashable, Sendable {
        case none
        /// As soon as no snapshot would have to be waited for.
        case whenQuiet
        case now
    }

    private let bounds: CoordinatorConfiguration.GraphCheckpoints
    /// Commits of the graph since the last checkpoint.
    private(set) var commits = 0
    private(set) var urgency = Urgency.none
    private var nextLook: Int

    /// - Parameter hasLog: whether there are commits of before that no checkpoint has taken in.
    init(_ bounds: CoordinatorConfiguration.GraphCheckpoints, hasLog: Bool) {
        self.bounds = bounds
        commits = hasLog ? 1 : 0
        nextLook = min(Self.lookInterval, bounds.transactions)
    }

    /// How many commits go by between two measurements, which cost as much as a statement.
    static let lookInterval = 256
    /// A large graph fills the memory by being read, which no checkpoint changes.
    static let fewestCommits = 1_000
    /// Fewer have taken so little memory that the last checkpoint may be any time ago.
    static let commitsWorthATime = 5_000

    /// The graph has committed so many units, all in one step.
    ///
    /// - Returns: whether it is to be measured now.
    mutating func committed(_ units: Int = 1) -> Bool {
        commits += units
        guard commits >= nextLook else { return false }
        nextLook = commits + min(Self.lookInterval, bounds.transactions)
        return true
    }

    /// - Parameter age: the time since a checkpoint was last tried.
    mutating func measured(_ load: Load, age: Duration = .zero) {
        let isFilled = commits >= Self.fewestCommits
        if load.log >= bounds.longestLog || (isFilled && load.memory >= bounds.mostMemory) {
            urgency = .now
        } else if load.log >= bounds.log || (isFilled && load.memory >= bounds.memory)
            || commits >= bounds.transactions || (commits >= Self.commitsWorthATime && age >= bounds.interval)
        {
            urgency = max(urgency, .whenQuiet)
        }
    }

    /// A checkpoint was made, or has failed: then it is not tried again before the next measurement.
    mutating func ended(isDone: Bool) {
        urgency = .none
        nextLook = min(Self.lookInterval, bounds.transactions) + (isDone ? 0 : commits)
        if isDone { commits = 0 }
    }
}

extension CheckpointPolicy.Urgency: Comparable {
    private var rank: Int {
        switch self {
        case .none: 0
        case .whenQuiet: 1
        case .now: 2
        }
    }

    static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}
