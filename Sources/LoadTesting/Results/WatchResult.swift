extension RunResult {
    /// What operations did in slots of the same length, from the beginning of the steady state.
    package struct Timeline: Sendable, Codable, Hashable {
        /// Of a slot.
        package var seconds: Double
        /// Those that ended in each slot, and those of them that failed.
        package var operations, failures: [Int]
    }

    /// What a process held and used in the steady state.
    package struct ProcessResult: Sendable, Codable, Hashable {
        /// In megabytes of resident memory.
        package struct Memory: Sendable, Codable, Hashable {
            package var first, last, least, most: Double
        }

        /// The slope of what stays when all that comes and goes is gone, in megabytes a minute, with where it lies with 95 % confidence.
        package struct Growth: Sendable, Codable, Hashable {
            package var perMinute: Double
            package var interval: CheckResult.Interval
        }

        package var name: String
        package var memory: Memory
        /// Nil where the time was too short to tell.
        package var growth: Growth?
        /// How many processors it kept busy on average.
        package var processors: Double
        package var threads: Int
        /// Megabytes of resident memory over time, and processors kept busy.
        package var memoryTimeline, processorTimeline: GaugeTimeline?
        /// How often threads gave their processor away, and had it taken away; nil where the system doesn't tell.
        package var voluntarySwitches, involuntarySwitches: Int?
    }
}
