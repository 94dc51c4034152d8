import Testing

@testable import Measurement

@Suite("M3: what the system says of processes")
struct ProcessFilesTests {
    @Test("M3: the figures of a process from its stat")
    func stat() throws {
        // Of a redis-server 7.0.15 on Debian 12.
        let text = """
            11095 (redis-server) S 1 11089 6218 0 -1 4194560 1112 0 0 0 6 15 0 0 35 15 5 0 664827 64905216 3159 \
            18446744073709551615 94733244067840 94733245210301 140734020938272 0 0 0 0 12293 17642 0 0 0 17 1 0 0 0 0 0 \
            94733245693744 94733246067560 94733273489408 140734020946515 140734020946612 140734020946612 140734020947938 0

            """
        let stat = try #require(ProcessFiles.Stat(text))
        #expect(stat.userTicks == 6)
        #expect(stat.systemTicks == 15)
        #expect(stat.threads == 5)
        #expect(stat.start == 664_827)
    }

    @Test(
        "M3: a process may have any name, with spaces and parentheses in it",
        arguments: ["a b", ") 1 2 (", "((", "redis) S 1 1", ""])
    func names(name: String) throws {
        let text = "7 (\(name)) S 1 7 7 0 -1 4194560 1 0 0 0 11 22 0 0 20 0 3 0 44 5 6 7"
        let stat = try #require(ProcessFiles.Stat(text))
        #expect(stat.userTicks == 11 && stat.systemTicks == 22 && stat.threads == 3 && stat.start == 44)
    }

    @Test(
        "M3: what is no such text is refused",
        arguments: [
            "", "7", "7 (a) S 1 2", "7 (a) S 1 7 7 0 -1 4194560 1 0 0 0 x 22 0 0 20 0 3 0 44 5",
            "no parenthesis at all 1 2 3",
        ])
    func refused(text: String) {
        #expect(ProcessFiles.Stat(text) == nil)
        #expect(ProcessFiles.Status(text) == nil)
    }

    @Test("M3: memory and switches from a status; kB are bytes by 1024")
    func status() throws {
        // Lines of the same one's, after some load.
        let text = """
            Name:\tredis-server
            Umask:\t0022
            State:\tS (sleeping)
            Tgid:\t11095
            VmPeak:\t   63384 kB
            VmHWM:\t   12760 kB
            VmRSS:\t   12760 kB
            RssAnon:\t    3256 kB
            Threads:\t5
            SigQ:\t2/96365
            Cpus_allowed_list:\t0-1
            voluntary_ctxt_switches:\t40
            nonvoluntary_ctxt_switches:\t58748

            """
        let status = try #require(ProcessFiles.Status(text))
        #expect(status.resident == 12_760 * 1_024)
        #expect(status.peakResident == 12_760 * 1_024)
        #expect(status.voluntarySwitches == 40)
        #expect(status.involuntarySwitches == 58_748)
        // It has shrunk since.
        let shrunk = try #require(ProcessFiles.Status(text.replacing("VmRSS:\t   12760", with: "VmRSS:\t    9000")))
        #expect(shrunk.resident == 9_000 * 1_024 && shrunk.peakResident == status.peakResident)
        // A process that has ended and is waited for has no memory.
        let ended = text.split(separator: "\n").filter { !$0.hasPrefix("Vm") }.joined(separator: "\n")
        #expect(ProcessFiles.Status(ended)?.resident == 0)
    }

    @Test("M3: resident pages from a statm")
    func statm() {
        #expect(ProcessFiles.residentPages(statm: "765 418 390 5 0 123 0\n") == 418)
        #expect(ProcessFiles.residentPages(statm: "765") == nil)
        #expect(ProcessFiles.residentPages(statm: "") == nil)
    }
}
