/// How much load a scenario gets, and for how long.
package struct LoadPlan: Sendable, Hashable {
    /// Users that act at the same time, each waiting for its own answers (a closed model). With a rate, the most
    /// operations of a stream that are under way at one time.
    package var users = 4
    /// Operations a second that are due whatever became of those before (an open model); nil for a closed one.
    package var rate: Double?
    /// The time before the measurement begins, in which caches fill.
    package var warmUp: Duration = .seconds(2)
    /// The time of the measurement. It goes on, up to three times as long, until each check has enough samples.
    package var steady: Duration = .seconds(15)
    /// What the user wants instead of the profile's own length and number of users.
    package var requestedSteady: Duration?
    package var requestedUsers: Int?
    /// Makes the same users do the same things.
    package var seed: UInt64 = 42
    /// Multiplies the amount of data.
    package var scale = 1.0

    /// The defaults that stand at each property.
    package init() {}
}

/// Where a run is.
package enum LoadPhase: Int, Sendable {
    case preparing, warmUp, steady, finished

    /// For people.
    package var name: String {
        switch self {
        case .preparing: "preparing"
        case .warmUp: "warm-up"
        case .steady: "steady"
        case .finished: "finished"
        }
    }
}
