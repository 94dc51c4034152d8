import Scenarios

/// What a network does at the moment.
package struct ProxyRules: Sendable, Hashable {
    package enum Admission: Sendable, Hashable {
        case accept
        /// Connections are accepted and reset at once, as those that are open are.
        case reset
        /// Nobody listens, and those that are open end.
        case refuse
    }

    package var admission = Admission.accept
    /// Data arrives so much later.
    package var delay = Duration.zero
    /// And up to so much later still.
    package var jitter = Duration.zero
    /// In each direction of each connection; nil for as many as there are.
    package var bytesPerSecond: Double?
    /// The most bytes at a time; nil for any number.
    package var slice: Int?
    /// After each slice.
    package var pause = Duration.zero
    /// Nothing arrives, and all of it will.
    package var isHolding = false
    /// Nothing arrives, and nothing of it will.
    package var isLosing = false

    /// A network that works.
    package init() {}

    /// All faults of the network at once: delays add up, the smallest bandwidth and slice count.
    package init(_ faults: [FaultKind]) {
        for fault in faults {
            switch fault {
            case .redisLatency(let delay, let jitter):
                self.delay += delay
                self.jitter += jitter
            case .redisBandwidth(let rate): bytesPerSecond = min(bytesPerSecond ?? .infinity, rate)
            case .redisSlice(let bytes, let pause):
                slice = min(slice ?? .max, bytes)
                self.pause = max(self.pause, pause)
            case .redisReset: if admission == .accept { admission = .reset }
            case .redisRefuse: admission = .refuse
            case .redisBlackHole: isHolding = true
            case .redisDrop: isLosing = true
            case .redisKill, .redisFreeze, .redisRestart, .sqliteBusy, .sqliteFull, .graphReader, .graphFull,
                .workerKill, .workerDiskFull:
                break
            }
        }
    }
}
