/// How one kind of operation fares (M2): how long it takes when it succeeds, how long when it fails, and how often each.
///
/// Any number of tasks record into it at the same time, without waiting and without allocating. A failure's duration is kept apart: one that
/// fails at once would flatter the percentiles.
public final class OperationMeter: Sendable {
    /// What is measured.
    public struct Name: Sendable, Hashable, Comparable, CustomStringConvertible {
        /// The store, such as `redis`; what concerns several has a name of its own.
        public var store: String
        /// The operation, such as `GET`.
        public var operation: String

        /// A name of two parts.
        public init(store: String, operation: String) {
            self.store = store
            self.operation = operation
        }

        /// Ordered by store, then by operation.
        public static func < (a: Name, b: Name) -> Bool { (a.store, a.operation) < (b.store, b.operation) }

        /// Both parts, with a dot between them.
        public var description: String { "\(store).\(operation)" }
    }

    /// What is measured.
    public let name: Name
    private let successes = SharedLatencyRecorder()
    private let failures = SharedLatencyRecorder()

    /// A meter that has seen nothing yet.
    public init(_ name: Name) {
        self.name = name
    }

    /// Counts an operation that ended. From any thread.
    public func record(_ duration: Duration, succeeded: Bool = true) {
        if succeeded { successes.record(duration) } else { failures.record(duration) }
    }

    /// Runs an operation and counts it: as a failure when it throws, and not at all when it throws a `CancellationError`, which is the
    /// caller's wish.
    public func measure<T, E: Error>(
        isolation: isolated (any Actor)? = #isolation, _ operation: () async throws(E) -> T
    ) async throws(E) -> T {
        let start = MonotonicTime.nanoseconds()
        do {
            let result = try await operation()
            successes.record(nanoseconds: MonotonicTime.nanoseconds() - start)
            return result
        } catch {
            if !(error is CancellationError) { failures.record(nanoseconds: MonotonicTime.nanoseconds() - start) }
            throw error
        }
    }

    /// The durations of those that succeeded.
    public var latency: LatencyRecorder { successes.snapshot() }
    /// The durations of those that failed.
    public var failureLatency: LatencyRecorder { failures.snapshot() }
    /// How many succeeded.
    public var successCount: Int { successes.count }
    /// How many failed.
    public var failureCount: Int { failures.count }
    /// The durations of those that succeeded, all together.
    public var totalLatency: Duration { successes.total }

    /// All that was counted until now, for a series. For one reader: see ``SharedLatencyRecorder/takeRecentLongest()``.
    package func reading() -> Reading {
        // In this order, whatever is in the buckets has had its turn to be the longest.
        let (histogram, total) = (successes.compact(), successes.total)
        return Reading(
            histogram: histogram, total: total, failures: failures.count,
            recentLongest: .nanoseconds(Int64(successes.takeRecentLongest())))
    }

    /// All that was counted until a moment, and the longest success since the reading before.
    package struct Reading: Sendable, Hashable {
        package var histogram = CompactHistogram()
        package var total = Duration.zero
        package var failures = 0
        package var recentLongest = Duration.zero

        package init() {}

        init(histogram: CompactHistogram, total: Duration, failures: Int, recentLongest: Duration) {
            self.histogram = histogram
            self.total = total
            self.failures = failures
            self.recentLongest = recentLongest
        }
    }
}
