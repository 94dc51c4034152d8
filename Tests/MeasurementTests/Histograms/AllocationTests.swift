import CAllocationCounter
import Testing

@testable import Measurement

@Suite("What recording asks of the system's memory", .enabled(if: allocations_are_counted()))
struct AllocationTests {
    /// How often this thread asks for memory meanwhile.
    private static func allocations(_ body: () -> Void) -> UInt64 {
        let before = allocations_of_this_thread()
        body()
        return allocations_of_this_thread() - before
    }

    /// From a nanosecond to more than an hour, and some below 0.
    private static let durations: [Duration] = {
        var generator = SplitMix64(seed: 5)
        return (0..<20_000).map { _ in
            let bits = Int64.random(in: 0..<45, using: &generator)
            return .nanoseconds(Int64.random(in: -5...(1 << bits), using: &generator))
        }
    }()

    @Test("M2: recording a duration allocates nothing, in whatever is left on, and whichever bucket is new")
    func recorders() {
        let durations = Self.durations
        let meter = OperationMeter(.init(store: "redis", operation: "GET"))
        let bounded = BoundedHistogram(bounds: [.microseconds(10), .milliseconds(1), .seconds(1)])
        let counter = EventCounter()
        let count = Self.allocations {
            for duration in durations {
                meter.record(duration)
                meter.record(duration, succeeded: false)
                bounded.record(nanoseconds: duration.components.attoseconds / 1_000_000_000)
                counter.add()
            }
        }
        #expect(count == 0)
        #expect(meter.successCount == durations.count && meter.failureCount == durations.count)
        #expect(bounded.reading.count == durations.count && counter.count == durations.count)
    }

    @Test("M2: a task's own recorder allocates nothing either once it is there")
    func ownRecorder() {
        let durations = Self.durations
        var recorder = LatencyRecorder()
        let count = Self.allocations { for duration in durations { recorder.record(duration) } }
        #expect(count == 0)
        #expect(recorder.count == durations.count)
    }

    @Test("What allocates is seen: an object, a recorder, a text that grows")
    func control() {
        var meters: [OperationMeters] = []
        meters.reserveCapacity(10)
        #expect(Self.allocations { meters.append(OperationMeters()) } >= 1)
        #expect(Self.allocations { withExtendedLifetime(LatencyRecorder()) {} } >= 1)
        var text = ""
        #expect(Self.allocations { for _ in 0..<100 { text += "more than fifteen bytes" } } >= 1)
        #expect(text.utf8.count == 2_300 && meters.count == 1)
    }
}
