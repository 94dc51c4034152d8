public import CoreMetrics
import Measurement
import Synchronization

/// A process's memory, processor time, threads and files as metrics, under the names of OpenTelemetry's conventions for processes (M3).
public final class ProcessMetrics: Sendable {
    /// Nil for this process.
    private let process: (@Sendable () -> Int32?)?
    private let memory: Meter
    private let threads: Meter
    private let files: Meter
    private let user: FloatingPointCounter
    private let system: FloatingPointCounter
    /// The processor time that was told already, and of which process.
    private let told = Mutex<ProcessSample?>(nil)

    /// The names of the metrics, and what they mean.
    public static let help: [String: String] = [
        "process.memory.usage": "bytes that are resident in memory",
        "process.cpu.time": "seconds of the processors' time",
        "process.thread.count": "threads",
        "process.open_file_descriptor.count": "open files, sockets and pipes among them",
    ]

    /// - Parameters:
    ///   - name: what the dimension `process.executable.name` says.
    ///   - factory: the back end.
    ///   - process: the process's number, nil while there is none; by default this one's.
    public init(name: String, factory: any MetricsFactory, process: (@Sendable () -> Int32?)? = nil) {
        self.process = process
        let dimensions = [("process.executable.name", name)]
        memory = Meter(label: "process.memory.usage", dimensions: dimensions, factory: factory)
        threads = Meter(label: "process.thread.count", dimensions: dimensions, factory: factory)
        files = Meter(label: "process.open_file_descriptor.count", dimensions: dimensions, factory: factory)
        func time(_ mode: String) -> FloatingPointCounter {
            FloatingPointCounter(
                label: "process.cpu.time", dimensions: dimensions + [("cpu.mode", mode)], factory: factory)
        }
        user = time("user")
        system = time("system")
    }

    /// Looks at the process and tells the back end. Takes some ten microseconds; what can't be looked at is left as it was.
    public func update() {
        guard let sample = look() else { return }
        memory.set(sample.residentMemory)
        threads.set(sample.threads)
        if let open = sample.openFiles { files.set(open) }
        told.withLock { told in
            let usage = told.flatMap { sample.since($0) }
            // Of one that is looked at for the first time, all of it.
            user.increment(by: (usage?.userTime ?? sample.userTime) / .seconds(1))
            system.increment(by: (usage?.systemTime ?? sample.systemTime) / .seconds(1))
            told = sample
        }
    }

    private func look() -> ProcessSample? {
        guard let process else { return try? .current() }
        return process().flatMap { try? ProcessSample(of: $0) }
    }
}
