import RedisClient
import Testing

@testable import Stores

@Suite("Configuration: values as text")
struct ValueFormatTests {
    @Test(
        "Durations",
        arguments: [
            ("30s", Duration.seconds(30)), ("500ms", .milliseconds(500)), ("5m", .seconds(300)),
            ("1.5 h", .seconds(5400)),
            ("0s", .zero), ("2d", .seconds(172_800)), ("250us", .microseconds(250)), ("1min", .seconds(60)),
        ])
    func durations(text: String, duration: Duration) {
        #expect(ConfigurationText.duration(text) == duration)
        #expect(ConfigurationText.duration(ConfigurationText.text(duration)) == duration)
    }

    @Test(
        "What is no duration", arguments: ["30", "s", "", "-5s", "5 parsecs", "1e400s", "99999999999h", "1..5s", "٣s"])
    func noDurations(text: String) {
        #expect(ConfigurationText.duration(text) == nil)
    }

    @Test("Durations are written in the largest unit that is exact")
    func durationTexts() {
        #expect(ConfigurationText.text(.seconds(30)) == "30s")
        #expect(ConfigurationText.text(.seconds(600)) == "10m")
        #expect(ConfigurationText.text(.seconds(7200)) == "2h")
        #expect(ConfigurationText.text(.milliseconds(1500)) == "1500ms")
        #expect(ConfigurationText.text(.zero) == "0s")
    }

    @Test(
        "Sizes",
        arguments: [
            ("128MiB", Int64(128 << 20)), ("10 mb", 10_000_000), ("64GiB", 64 << 30), ("4096B", 4096), ("1.5KiB", 1536),
        ])
    func sizes(text: String, bytes: Int64) {
        #expect(ConfigurationText.bytes(text) == bytes)
        #expect(ConfigurationText.bytes(ConfigurationText.bytes(bytes)) == bytes)
    }

    @Test("What is no size", arguments: ["128", "MiB", "-1MiB", "1.5B", "10 elephants", "99999999TiB"])
    func noSizes(text: String) {
        #expect(ConfigurationText.bytes(text) == nil)
    }

    @Test("Redis endpoints, with IPv6 in brackets")
    func endpoints() {
        let parse = ValueFormat<[RedisEndpoint]>.endpoints.parse
        #expect(
            parse("a:7000, b:7001,c") == [
                .tcp(host: "a", port: 7000), .tcp(host: "b", port: 7001), .tcp(host: "c", port: 6379),
            ])
        #expect(parse("[::1]:7000") == [.tcp(host: "::1", port: 7000)])
        #expect(parse("a:7000,b:none") == nil)
        #expect(parse("a:70000") == nil)
        #expect(parse(":7000") == nil)
        #expect(parse("") == nil)
    }
}
