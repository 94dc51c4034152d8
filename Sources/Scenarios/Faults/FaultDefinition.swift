/// Something that goes wrong on purpose.
package enum FaultKind: Sendable, Hashable, Codable {
    /// Each piece of data arrives so much later, and up to `jitter` later still.
    case redisLatency(delay: Duration, jitter: Duration)
    /// Bytes a second in each direction of a connection.
    case redisBandwidth(bytesPerSecond: Double)
    /// Data arrives in pieces of at most so many bytes, with a pause after each.
    case redisSlice(bytes: Int, pause: Duration)
    /// Connections are reset, those that are open and new ones.
    case redisReset
    /// Nobody listens any more, and open connections end.
    case redisRefuse
    /// Nothing arrives; what was sent arrives when the fault has healed.
    case redisBlackHole
    /// Nothing arrives, and what was sent is lost; connections of that time end when the fault has healed.
    case redisDrop
    /// SIGKILL; it is started again when the fault has healed.
    case redisKill
    /// SIGSTOP, and SIGCONT when the fault has healed.
    case redisFreeze
    /// SIGKILL, and started again at once.
    case redisRestart(isEmpty: Bool)
    /// Another connection holds SQLite's write lock.
    case sqliteBusy
    /// SQLite's file can't grow (`max_page_count`).
    case sqliteFull
    /// A reader stays in its transaction while a checkpoint waits for it.
    case graphReader
    /// The graph's log can't become longer.
    case graphFull
    /// SIGKILL for the process in which SQLite and the graph are open; it is started again when the fault has healed.
    case workerKill
    /// No file of that process can be written: neither SQLite's log nor the graph's.
    case workerDiskFull

    /// Which store it is about.
    package var store: String { String(name.prefix { $0 != "." }) }

    /// Whether it needs the proxy before Redis.
    package var isOfNetwork: Bool {
        switch self {
        case .redisLatency, .redisBandwidth, .redisSlice, .redisReset, .redisRefuse, .redisBlackHole, .redisDrop: true
        default: false
        }
    }

    /// Whether it needs a redis-server that is ours.
    package var isOfProcess: Bool {
        switch self {
        case .redisKill, .redisFreeze, .redisRestart: true
        default: false
        }
    }

    /// Whether it needs the stores to be open in a process of their own.
    package var isOfWorker: Bool { self == .workerKill || isOfDisk }

    /// Whether it limits the files of that process.
    package var isOfDisk: Bool { self == .workerDiskFull || self == .graphFull }

    /// What it is called in files and results.
    package var name: String {
        switch self {
        case .redisLatency: "redis.latency"
        case .redisBandwidth: "redis.bandwidth"
        case .redisSlice: "redis.slice"
        case .redisReset: "redis.reset"
        case .redisRefuse: "redis.refuse"
        case .redisBlackHole: "redis.blackhole"
        case .redisDrop: "redis.drop"
        case .redisKill: "redis.kill"
        case .redisFreeze: "redis.freeze"
        case .redisRestart(let isEmpty): isEmpty ? "redis.restart-empty" : "redis.restart"
        case .sqliteBusy: "sqlite.busy"
        case .sqliteFull: "sqlite.full"
        case .graphReader: "graph.reader"
        case .graphFull: "graph.full"
        case .workerKill: "worker.kill"
        case .workerDiskFull: "worker.disk-full"
        }
    }
}

/// A fault on the timeline.
package struct FaultDefinition: Sendable, Hashable {
    package var kind: FaultKind
    /// From the end of the warm-up.
    package var start: Duration
    /// Zero for one that is over at once, such as a restart.
    package var length: Duration

    package var end: Duration { start + length }

    package init(kind: FaultKind, start: Duration, length: Duration) {
        self.kind = kind
        self.start = start
        self.length = length
    }
}
