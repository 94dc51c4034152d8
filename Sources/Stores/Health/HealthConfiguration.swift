/// How the stores' health is watched (P6).
public struct HealthConfiguration: Sendable, Hashable {
    /// How often each store is probed. A tenth of it, more or less, is random. Default 2 s.
    public var interval: Duration = .seconds(2)
    /// How long a probe may take before it counts as failed. Default 1 s.
    public var probeTimeout: Duration = .seconds(1)
    /// How many probes in a row have to fail before a store counts as down. Default 3, at least 1.
    public var failuresUntilDown = 3
    /// How many looks in a row have to find a lesser trouble, such as a slow probe, before a store counts as degraded. Default 2, at least
    /// 1.
    public var troublesUntilDegraded = 2
    /// How many looks in a row have to find nothing before a degraded store counts as healthy. Default 2, at least 1.
    public var calmUntilHealthy = 2
    /// From when on a probe is slow. Default 500 ms.
    public var slowProbe: Duration = .milliseconds(500)
    /// From when on the mean wait for a connection is long. Default 1 s.
    public var longWait: Duration = .seconds(1)
    /// How many attempts to connect have to fail in a row to count as trouble. Default 3, at least 1.
    public var connectFailures = 3

    /// The defaults that stand at each property.
    public init() {}
}
