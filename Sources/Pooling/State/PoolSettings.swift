/// What the state needs of the configuration, with times as spans; `endless` where something is switched off.
struct PoolSettings: Sendable, Equatable {
    var minimum: Int
    var maximum: Int
    var maximumOpening: Int
    var idleTimeout: PoolSpan
    var maximumLifetime: PoolSpan
    var lifetimeJitter: Double
    var keepAlive: PoolSpan
    var leakThreshold: PoolSpan
    var openTimeout: PoolSpan
    var checkTimeout: PoolSpan
    var closeTimeout: PoolSpan
    var backOffBase: PoolSpan
    var backOffLimit: PoolSpan

    /// How often the connections are looked through. What depends on it comes late by up to this.
    var sweepInterval: PoolSpan {
        let shortest = min(min(idleTimeout, maximumLifetime), min(keepAlive, leakThreshold))
        return PoolSpan(nanoseconds: min(max(shortest.nanoseconds / 10, 1_000_000), 1_000_000_000))
    }

    /// The wait after the nth failure in a row: doubled each time up to a limit, then a random half taken off ("equal jitter" in
    /// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that pools of many processes spread out.
    func backOff(failures: Int, entropy: UInt64) -> PoolSpan {
        let doublings = min(max(failures - 1, 0), 32)
        let (product, overflow) = backOffBase.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        let full = overflow ? backOffLimit : min(PoolSpan(nanoseconds: product), backOffLimit)
        return full.scaled(by: 0.5 + 0.5 * PoolSettings.fraction(entropy))
    }

    /// How long a connection may live: the maximum less a random part, so that those opened together do not end together.
    func lifetime(entropy: UInt64) -> PoolSpan {
        maximumLifetime.scaled(by: 1 - lifetimeJitter * PoolSettings.fraction(entropy))
    }

    /// Random bits as a number from 0 up to 1.
    private static func fraction(_ entropy: UInt64) -> Double { Double(entropy >> 11) * 0x1p-53 }
}
