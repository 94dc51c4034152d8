import LoadTesting

/// The last minutes of a service, sample by sample, in memory of a fixed size. A plain value.
package struct ServiceTimeline: Sendable {
    /// How many samples there are on a chart.
    package static let length = 300

    struct Pool: Sendable {
        var open, inUse, waiting: [Int?]
        var waits: [Double?]
        var maximum = 0
    }

    struct Operations: Sendable {
        var perSecond, failures, p50, p99: [Double?]
    }

    struct Process: Sendable {
        var memory, processors: [Double?]
    }

    /// Of a slot, in seconds.
    let seconds: Double
    private(set) var stores: [ServiceSample.Store] = []
    private(set) var pools: [String: Pool] = [:]
    private(set) var operations: [String: Operations] = [:]
    private(set) var processes: [String: Process] = [:]
    private(set) var timeouts = 0.0
    /// Why there was no sample, if the last look failed.
    package private(set) var trouble: String?
    private(set) var sampleCount = 0
    private var last: ServiceSample?

    /// - Parameter seconds: between two samples.
    package init(seconds: Double) {
        self.seconds = seconds
    }

    /// The service didn't answer: a gap.
    package mutating func miss(_ reason: String) {
        trouble = reason
        last = nil
        advance()
    }

    package mutating func record(_ sample: ServiceSample) {
        trouble = nil
        sampleCount += 1
        advance()
        stores = sample.stores
        timeouts = sample.pools.reduce(0) { $0 + $1.timeouts }
        let blank = [Int?](repeating: nil, count: Self.length), gap = [Double?](repeating: nil, count: Self.length)
        let end = Self.length - 1
        for pool in sample.pools {
            let before = last?.pools.first { $0.name == pool.name }
            var own = pools[pool.name] ?? Pool(open: blank, inUse: blank, waiting: blank, waits: gap)
            own.maximum = pool.maximum
            (own.open[end], own.inUse[end], own.waiting[end]) = (pool.open, pool.inUse, pool.waiting)
            if let before, pool.acquired > before.acquired, pool.waited >= before.waited {
                own.waits[end] = (pool.waited - before.waited) / (pool.acquired - before.acquired) * 1_000
            }
            pools[pool.name] = own
        }
        for now in sample.operations {
            var own = operations[now.name] ?? Operations(perSecond: gap, failures: gap, p50: gap, p99: gap)
            if let new = now.since(last?.operations.first { $0.name == now.name }) {
                own.perSecond[end] = new.count / seconds
                own.failures[end] = new.failures / seconds
                (own.p50[end], own.p99[end]) = (new.percentile(50), new.percentile(99))
            }
            operations[now.name] = own
        }
        for process in sample.processes {
            let before = last?.processes.first { $0.name == process.name }
            var own = processes[process.name] ?? Process(memory: gap, processors: gap)
            own.memory[end] = process.memory / 1_048_576
            if let before, process.processor >= before.processor {
                own.processors[end] = (process.processor - before.processor) / seconds
            }
            processes[process.name] = own
        }
        last = sample
    }

    /// All move one slot back; what has not been seen for a whole chart's length is forgotten.
    private mutating func advance() {
        pools = pools.compactMapValues { pool in
            var pool = pool
            pool.open.shift()
            pool.inUse.shift()
            pool.waiting.shift()
            pool.waits.shift()
            return pool.open.contains { $0 != nil } ? pool : nil
        }
        operations = operations.compactMapValues { operations in
            var operations = operations
            operations.perSecond.shift()
            operations.failures.shift()
            operations.p50.shift()
            operations.p99.shift()
            // One that has just come has nothing yet.
            return operations
        }
        processes = processes.compactMapValues { process in
            var process = process
            process.memory.shift()
            process.processors.shift()
            return process.memory.contains { $0 != nil } ? process : nil
        }
    }
}

extension Array {
    fileprivate mutating func shift<Wrapped>() where Element == Wrapped? {
        guard !isEmpty else { return }
        removeFirst()
        append(nil)
    }
}
