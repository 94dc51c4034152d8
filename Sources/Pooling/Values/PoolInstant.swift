/// A moment in nanoseconds since an origin that only the pool's ``PoolTime`` knows. Arithmetic saturates and never traps.
@usableFromInline
package struct PoolInstant: Sendable, Hashable, Comparable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A moment that never comes: the deadline of what has none.
    package static let never = PoolInstant(nanoseconds: .max)

    @inlinable
    package static func < (a: PoolInstant, b: PoolInstant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The system's monotonic time.
    package static func preciseNow() -> PoolInstant { PoolTime().now() }

    /// The system's monotonic time, read quickly and up to some milliseconds behind.
    package static func roughlyNow() -> PoolInstant { PoolTime.systemRoughly() }

    /// The moment that is this much later.
    func advanced(by span: PoolSpan) -> PoolInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow ? .never : PoolInstant(nanoseconds: sum)
    }

    /// The time from an earlier moment to this one; zero if that one is later.
    @usableFromInline
    package func since(_ earlier: PoolInstant) -> PoolSpan {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return PoolSpan(nanoseconds: overflow ? .max : max(0, difference))
    }
}

/// A length of time in nanoseconds: a `Duration` in one word, so that the hot path adds and compares integers.
@usableFromInline
package struct PoolSpan: Sendable, Hashable, Comparable {
    @usableFromInline package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A duration, rounded down; what does not fit (292 years) counts as endless.
    package init(_ duration: Duration) {
        let all = duration.attoseconds
        if all >= 0, all < 1 << 72 {
            // Up to more than an hour. 10^9 is 2^9 · 1 953 125: no division of 128-bit numbers, as `components` makes two.
            nanoseconds = Int64(truncatingIfNeeded: all >> 9) / 1_953_125
            return
        }
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        nanoseconds = overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// No limit.
    package static let endless = PoolSpan(nanoseconds: .max)
    package static let zero = PoolSpan(nanoseconds: 0)

    package var duration: Duration { .nanoseconds(nanoseconds) }

    @inlinable
    package static func < (a: PoolSpan, b: PoolSpan) -> Bool { a.nanoseconds < b.nanoseconds }

    /// This span times a factor from 0 to 1. An endless one stays endless.
    func scaled(by factor: Double) -> PoolSpan {
        guard self < .endless else { return self }
        // Converted with a bound: a Double near Int64.max would trap.
        let product = (Double(nanoseconds) * min(1, max(0, factor))).rounded()
        return PoolSpan(nanoseconds: Int64(exactly: product) ?? nanoseconds)
    }
}
