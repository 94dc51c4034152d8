import Testing

@testable import Spelling

@Suite("The names that somebody may have meant") struct NearestNamesTests {
    @Test("How far names are apart, either way; a swap of neighbours is one step")
    func distance() {
        for (a, b, expected) in [
            ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("main", "mian", 1),
            ("abcd", "acbd", 1), ("ca", "abc", 3), ("flaw", "lawn", 2),
        ] {
            #expect(NearestNames.distance(a, b) == expected)
            #expect(NearestNames.distance(b, a) == expected)
        }
    }

    @Test("The nearest come first, and none that has little in common")
    func order() {
        #expect(NearestNames.of("a", among: []) == [])
        #expect(
            NearestNames.of("quick", among: ["quiet", "quack", "slow", "quick2", "qwick"]) == [
                "quack", "quick2", "qwick",
            ])
    }

    @Test(
        "Keys of a configuration, whatever their case",
        arguments: [
            ("sqlite.pth", "sqlite.path"), ("redis.hots", "redis.host"),
            ("redis.maxConnections", "redis.maximumConnections"), ("SQLITE.BUSYTIMEOUT", "sqlite.busyTimeout"),
        ])
    func keys(wrong: String, meant: String) {
        let keys = [
            "sqlite.path", "sqlite.busyTimeout", "sqlite.maximumConnections", "redis.host", "redis.port",
            "redis.maximumConnections", "graph.path",
        ]
        #expect(NearestNames.of(wrong, among: keys).first == meant)
    }
}
