/// How the moments at which operations are due lie.
package enum ArrivalSpacing: String, Sendable, Hashable, Codable, CaseIterable {
    /// All gaps are the same at the same rate.
    case uniform
    /// The gaps are those of a Poisson process, as of many users who know nothing of each other: some moments are
    /// crowded.
    case poisson
}

/// What a stage is for.
package enum StageKind: String, Sendable, Hashable, CaseIterable {
    /// Not counted.
    case warmUp = "warm-up"
    case ramp, hold, spike
}

/// A part of the load over time, in which its level goes in a straight line.
package struct StageDefinition: Sendable, Hashable {
    package var kind: StageKind
    package var name: String
    package var length: Duration
    /// Users, or operations a second.
    package var from: Double
    package var to: Double

    package init(kind: StageKind, name: String, length: Duration, from: Double, to: Double) {
        self.kind = kind
        self.name = name
        self.length = length
        self.from = from
        self.to = to
    }
}

/// How much load there is, and when.
package struct LoadDefinition: Sendable, Hashable {
    package enum Model: Sendable, Hashable {
        /// Users that wait for their answers and pause in between.
        case users(Int, think: Duration)
        /// Operations that come however long the answers take.
        case rate(OpenModel)
    }

    package struct OpenModel: Sendable, Hashable {
        package var rate: Double
        package var spacing = ArrivalSpacing.poisson
        /// The most operations under way at once.
        package var places = 64
        /// How long after it was due an operation may begin.
        package var patience: Duration = .seconds(1)
        /// The load generator's own delay (its 99th percentile) that makes a run inconclusive.
        package var mostLag: Duration = .milliseconds(50)

        package init(rate: Double) {
            self.rate = rate
        }
    }

    package var model = Model.users(1, think: .zero)
    package var stages: [StageDefinition] = []
    /// The stages of the short form; the same as the others where the file has none.
    package var quick: [StageDefinition] = []

    package init() {}

    /// The highest level: users, or operations a second.
    package var most: Double { (stages + quick).map { max($0.from, $0.to) }.max() ?? 0 }
}
