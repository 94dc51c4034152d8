#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Another clock than the system's: a virtual one in tests.
package protocol PoolTimeSource: Sendable {
    func now() -> PoolInstant
    /// Returns when the moment has come; throws when the task is cancelled.
    func sleep(until moment: PoolInstant) async throws
}

/// The time as a pool reads it: the system's monotonic clock, unless a test gives another.
@usableFromInline
struct PoolTime: Sendable {
    private let source: (any PoolTimeSource)?
    /// Whether there is no `source`: looking at that itself would cost more than reading the clock.
    private let isSystem: Bool

    init(source: (any PoolTimeSource)? = nil) {
        self.source = source
        self.isSystem = source == nil
    }

    @inline(never)
    func now() -> PoolInstant {
        if let source { return source.now() }
        #if canImport(Darwin)
            return PoolInstant(nanoseconds: Int64(truncatingIfNeeded: clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW)))
        #else
            return PoolTime.read(CLOCK_MONOTONIC)
        #endif
    }

    /// The same clock, read in a quarter of the time and up to some milliseconds behind.
    ///
    /// Enough for everything on the hot path that is compared with seconds. Sums of differences of it stay right on average, because
    /// both ends lag alike.
    @usableFromInline
    func roughly() -> PoolInstant {
        isSystem ? PoolTime.systemRoughly() : now()
    }

    /// ``roughly()`` of the system's clock.
    @usableFromInline
    static func systemRoughly() -> PoolInstant {
        #if canImport(Darwin)
            return PoolInstant(
                nanoseconds: Int64(truncatingIfNeeded: clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW_APPROX)))
        #else
            return PoolTime.read(CLOCK_MONOTONIC_COARSE)
        #endif
    }

    func sleep(until moment: PoolInstant) async throws {
        if let source { return try await source.sleep(until: moment) }
        try await Task.sleep(for: moment.since(now()).duration)
    }

    #if !canImport(Darwin)
        private static func read(_ clock: clockid_t) -> PoolInstant {
            var time = timespec()
            clock_gettime(clock, &time)
            return PoolInstant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
        }
    #endif
}
