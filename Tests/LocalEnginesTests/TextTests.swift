import Testing

@testable import LocalEngines

@Suite struct TextTests {
    @Test(arguments: [
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1", "7.0.15"),
        ("Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1", "8.0.1"),
        ("something else", nil),
    ])
    func versions(output: String, version: String?) {
        #expect(RedisExecutable.version(in: output) == version)
    }

    @Test(arguments: [
        ("plain", #""plain""#), (#"a "b" \c"#, #""a \"b\" \\c""#), ("ö\n", #""\xc3\xb6\x0a""#), ("", "\"\""),
    ])
    func quotedSettings(value: String, text: String) {
        #expect(RedisConfigurationFile.quoted(value) == text)
    }

    @Test func passwordsStandInTheFile() {
        let file = RedisConfigurationFile(
            configuration: .init(
                transport: .tcp, password: "p", users: [.init(name: "u", password: "q", rules: "+get")]),
            folder: "/a folder", controlSocket: "/s", port: 1234)
        let lines = file.text.split(separator: "\n")
        #expect(lines.contains("dir \"/a folder\""))
        #expect(lines.contains("port 1234"))
        #expect(lines.contains("requirepass \"p\""))
        #expect(lines.contains("user u on \">q\" +get"))
        #expect(lines.contains("appendonly no"))
    }

    @Test func theCauseOfAFailedStartIsReadFromTheLog() {
        let inUse = [
            "# Warning: Could not create server TCP listening socket 127.0.0.1:1: bind: Address already in use"
        ]
        #expect(RedisStartFailure.explain("r", ended: .status(1), log: inUse).code == .portInUse)
        #expect(RedisStartFailure.explain("r", ended: .status(127), log: []).code == .notExecutable)
        #expect(RedisStartFailure.explain("r", ended: .status(1), log: []).code == .endedAtStart)
        #expect(RedisStartFailure.explain("r", ended: nil, log: []).code == .notReady)
        let damaged = ["# Bad file format reading the append only file: make a backup of your AOF file"]
        #expect(RedisStartFailure.explain("r", ended: .status(1), log: damaged).remedy?.contains("aof") == true)
    }

    @Test func anErrorShowsCauseRemedyAndLog() {
        let error = LocalEngineError(.missing, "It is not there.", log: ["a", "b"], remedy: "Install it.")
        #expect("\(error)" == "It is not there.\nInstall it.\nIts log ends with:\n    a\n    b")
    }

    @Test func aClustersViewCountsHealthyNodesAndReplicas() {
        let view = ClusterView(
            """
            a 127.0.0.1:1@10001 myself,master - 0 0 1 connected 0-5460
            b 127.0.0.1:2@10002 slave a 0 0 1 connected
            c 127.0.0.1:3@10003 master,fail - 0 0 2 connected 5461-10922
            d 127.0.0.1:4@10004 handshake - 0 0 0 disconnected
            e 127.0.0.1:5@10005 master - 0 0 3 disconnected 10923-16383
            """)
        #expect(view.healthy == 2)
        #expect(view.replicas == 1)
    }
}
