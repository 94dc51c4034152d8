import Foundation
import Measurement
import Threads

/// What measuring costs.
struct MeasurementBenchmarks {
    let benchmarker: Benchmarker

    func run() async throws {
        try await record()
        try await OverheadBenchmark(benchmarker: benchmarker).run()
    }

    /// By the thread's own processor time, so that other processes don't count.
    private func record() async throws {
        let meter = OperationMeter(.init(store: "benchmark", operation: "record"))
        var generator = SplitMix64(seed: 1)
        // From a microsecond to a second, as operations take.
        let durations = (0..<4_096).map { _ in
            Duration.nanoseconds(Int64(pow(10, Double.random(in: 3...9, using: &generator))))
        }
        let rounds = 250
        try await benchmarker.measure(
            .measurementRecord, limitedBy: "four additions in memory that other threads may read"
        ) {
            try await onThread("trivet-bench") {
                let start = processorTime()
                for _ in 0..<rounds { for duration in durations { meter.record(duration) } }
                return Double(processorTime() - start) / Double(rounds * durations.count)
            }
        }
    }
}

/// Nanoseconds that the calling thread has had a processor.
private func processorTime() -> UInt64 {
    #if canImport(Darwin)
        clock_gettime_nsec_np(CLOCK_THREAD_CPUTIME_ID)
    #else
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    #endif
}
