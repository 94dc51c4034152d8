import Measurement
import Testing

@Suite("M2: latency histograms")
struct LatencyRecorderTests {
    @Test(
        "M2: percentiles are within 0.1 % from a nanosecond to an hour",
        arguments: [1, 999, 1_000_000, 123_456_789, 3_599_000_000_000])
    func precision(nanoseconds: Int) {
        var recorder = LatencyRecorder()
        recorder.record(.nanoseconds(nanoseconds))
        let found = recorder.percentile(50) / .nanoseconds(1)
        #expect(abs(found - Double(nanoseconds)) <= Double(nanoseconds) * 0.001)
    }

    @Test("M2: what is out of range is kept at its end, and nothing is lost")
    func range() {
        var recorder = LatencyRecorder()
        recorder.record(.seconds(-1))
        recorder.record(.seconds(100_000))
        #expect(recorder.count == 2)
        #expect(recorder.percentile(0) == .zero)
        #expect(recorder.longest > .seconds(3_590))
        #expect(LatencyRecorder().percentile(99) == .zero)
    }

    @Test("M2: recorders add up")
    func addition() {
        var a = LatencyRecorder(), b = LatencyRecorder()
        for value in 1...100 { a.record(.milliseconds(value)) }
        for value in 101...200 { b.record(.milliseconds(value)) }
        a.add(b)
        #expect(a.count == 200)
        #expect(abs(a.percentile(50) / .milliseconds(1) - 100) < 1)
        #expect(a.count(above: .microseconds(150_500)) == 50)
        #expect(a.count(above: .seconds(7_200)) == 0)
    }
}
