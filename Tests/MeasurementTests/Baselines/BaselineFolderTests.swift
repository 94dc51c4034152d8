import Foundation
import Testing

@testable import Measurement

@Suite("M4: baselines in files")
struct BaselineFolderTests {
    @Test("M4: what is saved is what is loaded")
    func roundTrip() throws {
        try withFolder { path in
            let folder = BaselineFolder(path)
            #expect(folder.names == [])
            var baseline = Baseline("main", quiet(10))
            baseline.commit = "0b1905d"
            baseline.metrics[0].runs.append([0.1, 1e-300, 123_456_789.123456789])
            try folder.save(baseline, replacing: false)
            #expect(try folder.load("main") == baseline)
            #expect(folder.names == ["main"])
            // Nothing else is left there.
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["main.json"])
        }
    }

    @Test("M4: a document that is written down here is read, now and later")
    func document() throws {
        let text = """
            {
              "schema": 1, "name": "main", "created": "2026-11-28T16:21:41Z", "commit": "77ee374",
              "machine": { "cores": 2, "processor": "Xeon", "memory": 25276510208, "system": "Debian GNU/Linux 12 (bookworm)" },
              "engines": { "sqlite": "3.40.1", "kuzu": "0.11.3", "redis": "7.0.15" },
              "metrics": [ { "id": "bench.pool.acquire", "unit": "ns", "better": "lower", "runs": [[110.5, 112], [99.25]] } ]
            }
            """
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/main.json"))
            let baseline = try BaselineFolder(path).load("main")
            #expect(baseline.created == Date(timeIntervalSince1970: 1_795_882_901))
            #expect(baseline.machine.memory == 25_276_510_208)
            #expect(baseline.engines["kuzu"] == "0.11.3")
            #expect(baseline.metrics[0].samples == [110.5, 112, 99.25])
            #expect(baseline.metrics[0].better == .lower)
        }
    }

    @Test("M4: one of the same name is replaced only when that is said")
    func replacing() throws {
        try withFolder { path in
            let folder = BaselineFolder(path)
            try folder.save(Baseline("main", quiet(10)), replacing: false)
            let error = try baselineError { try folder.save(Baseline("main", quiet(11)), replacing: false) }
            #expect(error.code == .exists)
            #expect(try folder.load("main").metrics[0].median < 10.5)
            try folder.save(Baseline("main", quiet(11)), replacing: true)
            #expect(try folder.load("main").metrics[0].median > 10.5)
        }
    }

    @Test("M4: whoever has begun to read one that is replaced reads the old one to its end")
    func replacedWhileRead() throws {
        try withFolder { path in
            let folder = BaselineFolder(path)
            try folder.save(Baseline("main", quiet(10)), replacing: false)
            let file = path + "/main.json"
            let old = try Data(contentsOf: URL(fileURLWithPath: file))
            let handle = try #require(FileHandle(forReadingAtPath: file))
            let beginning = try handle.read(upToCount: 10)
            try folder.save(Baseline("main", quiet(11)), replacing: true)
            let rest = try handle.readToEnd()
            #expect((beginning ?? Data()) + (rest ?? Data()) == old)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) != old)
            try handle.close()
        }
    }

    @Test("M4: whoever reads while one is replaced sees the old or the new one, whole")
    func atomic() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/trivet-baselines-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = BaselineFolder(path)
        func baseline(_ round: Int) -> Baseline {
            Baseline("main", Array(repeating: Double(round), count: 2_000))
        }
        try folder.save(baseline(0), replacing: false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let rounds = (1...50).map(baseline)
            group.addTask { for round in rounds { try folder.save(round, replacing: true) } }
            group.addTask {
                var last = 0.0
                while last < 50 {
                    try Task.checkCancellation()
                    let samples = try folder.load("main").metrics[0].samples
                    #expect(Set(samples).count == 1 && samples.count == 2_000)
                    #expect(samples[0] >= last)
                    last = samples[0]
                }
            }
            try await group.waitForAll()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["main.json"])
    }

    @Test("M4: a missing one is answered with those that may be meant")
    func missing() throws {
        try withFolder { path in
            let folder = BaselineFolder(path)
            let none = try baselineError { _ = try folder.load("main") }
            #expect(none.code == .missing)
            #expect(none.description == "no baseline main in \(path): there are none yet")
            for name in ["main", "before-caching", "after-caching"] {
                try folder.save(Baseline(name, quiet(1)), replacing: false)
            }
            func hint(_ name: String) throws -> String {
                try baselineError { _ = try folder.load(name) }.description.components(separatedBy: "\(path): ").last
                    ?? ""
            }
            #expect(try hint("mian") == "did you mean main?")
            #expect(try hint("Main") == "did you mean main?")
            #expect(try hint("before") == "did you mean before-caching?")
            #expect(try hint("caching") == "did you mean after-caching, before-caching?")
            #expect(try hint("zzzzzz") == "there are after-caching, before-caching, main")
        }
    }

    @Test(
        "M4: what can't be read says what is wrong with it",
        arguments: [
            ("not json", "is no baseline"), ("{}", "schema is missing"), ("[1]", "is no baseline"),
            (#"{"schema": 2}"#, "has schema 2, and this version reads 1"), (#"{"schema": 1}"#, "is missing"),
            (#"{"schema": "1"}"#, "schema"),
            (
                #"{"schema":1,"name":"a","created":"2026-11-28T16:21:41Z","machine":{"cores":2,"processor":"x","memory":1,"system":"y"},"engines":{},"metrics":[{"id":"t","unit":"ms","better":"lower","runs":[["x"]]}]}"#,
                "metrics.0.runs.0.0"
            ),
            (
                #"{"schema":1,"name":"a","created":"2026-11-28T16:21:41Z","machine":{"cores":2,"processor":"x","memory":1,"system":"y"},"engines":{},"metrics":[{"id":"t","unit":"ms","better":"lower","runs":[]}]}"#,
                "the metric t has a run without samples"
            ),
        ])
    func unreadable(text: String, words: String) throws {
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/a.json"))
            let error = try baselineError { _ = try BaselineFolder(path).load("a") }
            #expect(error.code == (words.contains("schema 2") ? .otherSchema : .unreadable))
            #expect(error.description.contains(words), "\(error)")
            #expect(error.description.contains("\(path)/a.json"))
        }
    }

    @Test("M4: a folder instead of a file, and a file instead of the folder, are errors that say so")
    func wrongKinds() throws {
        try withFolder { path in
            try FileManager.default.createDirectory(atPath: path + "/a.json", withIntermediateDirectories: true)
            #expect(try baselineError { _ = try BaselineFolder(path).load("a") }.code == .unreadable)
            #expect(
                try baselineError { try BaselineFolder(path).save(Baseline("a", quiet(1)), replacing: true) }.code
                    == .notWritten)
            try Data().write(to: URL(fileURLWithPath: path + "/file"))
            let error = try baselineError {
                try BaselineFolder(path + "/file").save(Baseline("a", quiet(1)), replacing: true)
            }
            #expect(error.code == .notWritten)
            #expect(error.description.hasPrefix("the baseline a was not saved: "))
            // Nothing half written stays.
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["a.json", "file"])
        }
    }

    @Test(
        "M4: names that are no names, or lead elsewhere, are refused",
        arguments: ["", ".", "../x", "a/b", ".hidden", "a b", "ä", String(repeating: "a", count: 101)])
    func names(name: String) throws {
        try withFolder { path in
            let folder = BaselineFolder(path)
            let saving = try baselineError { try folder.save(Baseline(name, quiet(1)), replacing: true) }
            let loading = try baselineError { _ = try folder.load(name) }
            #expect(saving.code == .invalidName)
            #expect(loading.code == .invalidName)
        }
    }

    @Test("M4: what can't be a baseline isn't saved")
    func invalid() throws {
        try withFolder { path in
            let error = try baselineError { try BaselineFolder(path).save(Baseline("a", [.nan]), replacing: true) }
            #expect(error.code == .invalid)
            #expect(BaselineFolder(path).names == [])
        }
    }

    @Test("M4: a run of the same is added; another's is refused by name")
    func adding() throws {
        var first = Baseline("main", quiet(10))
        first.commit = "a"
        var second = Baseline("run", quiet(11))
        second.metrics.append(.init(id: "size", unit: "MB", better: .lower, samples: [1]))
        let sum = try first.adding(second)
        #expect(sum.name == "main")
        #expect(sum.commit == "a")
        #expect(sum.metrics.map(\.runs.count) == [2, 1])
        #expect(sum.metrics[0].samples == first.metrics[0].samples + second.metrics[0].samples)
        second.commit = "b"
        second.machine.cores = 3
        second.metrics[0].unit = "s"
        let error = try baselineError { _ = try first.adding(second) }
        #expect(error.code == .notComparable)
        #expect(
            error.description
                == "the run can't be added to the baseline main: cores: 8 and 3; commit: a and b; the metric time")
    }
}
