import Measurement

/// What one process holds and uses over time (M3), as a plain value in fixed memory.
struct ProcessSeries: Sendable {
    private static let megabyte = 1_048_576.0
    /// Checkpoints, caches and collected garbage come and go within it.
    static let cycle: Duration = .seconds(5)

    let name: String
    private var memory = GaugeSeries(width: .milliseconds(250), capacity: 512)
    private var processors = GaugeSeries(width: .milliseconds(250), capacity: 512)
    private var first: ProcessSample?
    private var last: ProcessSample?

    init(name: String) {
        self.name = name
    }

    /// Adds a sample. One of another process, such as a server that was started again, begins anew what is counted.
    mutating func record(_ sample: ProcessSample, at time: Duration) {
        if let first, sample.since(first) == nil, sample != first { self.first = nil }
        if first == nil { first = sample }
        if let usage = last.flatMap(sample.since) { processors.record(usage.processors, at: time) }
        last = sample
        memory.record(Double(sample.residentMemory) / Self.megabyte, at: time)
    }

    /// How the floor of the memory moves, in megabytes a second; nil for less than a minute.
    var growth: TheilSen? {
        TheilSen.cycleFloor(
            memory.lows(), window: max(Self.cycle, memory.series.width * 2) / .seconds(1), leastWindows: 12)
    }

    /// Nil when it was not looked at.
    var result: RunResult.ProcessResult? {
        let slots = memory.series.slots.filter { $0.count > 0 }
        guard let first, let last, let start = slots.first, let end = slots.last else { return nil }
        let usage = last.since(first)
        return RunResult.ProcessResult(
            name: name,
            memory: .init(
                first: Self.rounded(start.mean), last: Self.rounded(end.last),
                least: Self.rounded(slots.map(\.least).min() ?? 0), most: Self.rounded(slots.map(\.greatest).max() ?? 0)
            ),
            growth: growth.flatMap(Self.result), processors: Self.rounded(usage?.processors ?? 0),
            threads: last.threads, memoryTimeline: memory.timeline(\.mean),
            processorTimeline: processors.timeline(\.mean), voluntarySwitches: usage?.voluntarySwitches,
            involuntarySwitches: usage?.involuntarySwitches)
    }

    /// An interval without ends is none that a document can have.
    private static func result(_ slope: TheilSen) -> RunResult.ProcessResult.Growth? {
        guard slope.interval.lowerBound.isFinite, slope.interval.upperBound.isFinite else { return nil }
        return RunResult.ProcessResult.Growth(
            perMinute: rounded(slope.slope * 60),
            interval: .init(
                low: rounded(slope.interval.lowerBound * 60), high: rounded(slope.interval.upperBound * 60)))
    }

    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}

extension CheckResult {
    /// The memory that processes have taken and not given back, all together, over a time; nil where that can't be told.
    static func memoryGrowth(of processes: [ProcessSeries], over time: Duration) -> CheckResult? {
        let slopes = processes.compactMap(\.growth)
        guard slopes.count == processes.count, !slopes.isEmpty else { return nil }
        let seconds = time / .seconds(1)
        func megabytes(_ value: (TheilSen) -> Double) -> Double {
            (slopes.reduce(0) { $0 + value($1) } * seconds * 100).rounded() / 100
        }
        let low = megabytes { $0.interval.lowerBound }, high = megabytes { $0.interval.upperBound }
        guard low.isFinite, high.isFinite else { return nil }
        return CheckResult(
            .memoryGrowth, value: megabytes(\.slope), interval: low...high,
            samples: Int(time / ProcessSeries.cycle))
    }
}
