import Foundation
import Testing

@testable import Histories

@Suite("Histories: recorded to a file")
struct HistoryRecorderTests {
    @Test("what is recorded is in the file at once, in order, from many threads")
    func concurrent() async throws {
        try await withFile { path in
            let recorder = try HistoryRecorder(path: path)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var process = recorder.newProcess()
                        for number in 0..<50 {
                            let steps: [MicroOperation] = [.append(key: "redis/\(process)", value: number + 1)]
                            do {
                                try recorder.invoke(steps, process: process)
                                let isInDoubt = number % 10 == 9
                                try recorder.complete(isInDoubt ? .info : .ok(steps), process: process)
                                if isInDoubt { process = recorder.newProcess() }
                            } catch {
                                Issue.record(error)
                            }
                        }
                    }
                }
            }
            let text = try HistoryText(contentsOf: path)
            #expect(text.torn == nil)
            #expect(text.history.operations.map(\.index) == Array(0..<800))
            #expect(text.history.operations.map(\.time) == text.history.operations.map(\.time).sorted())
            #expect(HistoryChecker().check(text.history).problems == [])
        }
    }

    @Test("a file that a killed run left, cut at any byte, goes on: the rest of it is whole, what was open is in doubt")
    func reopened() async throws {
        var story = Story()
        story.inTurn("ax1 ry")
        story.begin("ax2")
        story.inTurn("rx1")
        let lines = story.history.operations.map { $0.edn + "\n" }
        let bytes = Array(lines.joined().utf8)
        for length in 0...bytes.count {
            try await withFile(Array(bytes[..<length])) { path in
                let recorder = try HistoryRecorder(path: path)
                let process = recorder.newProcess()
                #expect(!recorder.previous.operations.contains { $0.process == process })
                try recorder.invoke(Story.steps("rx"), process: process)
                try recorder.complete(.ok(Story.steps("rx1")), process: process)

                let operations = try HistoryText(contentsOf: path).history.operations
                #expect(operations.dropLast(2) == recorder.previous.operations[...])
                #expect(operations.map(\.index) == Array(operations.indices))
                #expect(operations.map(\.time) == operations.map(\.time).sorted())
                #expect(operations.count { $0.kind == .invoke } == operations.count { $0.kind != .invoke })
                #expect(HistoryChecker().check(History(operations)).problems == [])
                let before = lines.prefix { line in bytes[..<length].contains(line.utf8.dropLast()) }.count
                #expect(operations.prefix(before) == story.history.operations.prefix(before))
            }
        }
    }

    @Test("a file that is no history is left alone, with an error that says where it is not")
    func notAHistory() async throws {
        try await withFile(Array("hello\n".utf8)) { path in
            do throws(HistoryFileError) {
                _ = try HistoryRecorder(path: path)
                Issue.record("it was opened")
            } catch {
                #expect(error.description.contains("line 1, column 1"))
                #expect(error.description.contains(path))
            }
        }
    }

    @Test("a folder that isn't there is an error, not a crash")
    func noFolder() {
        do throws(HistoryFileError) {
            _ = try HistoryRecorder(path: "/nonexistent/history.edn")
            Issue.record("it was opened")
        } catch {
            #expect(error.description.contains("/nonexistent/history.edn"))
        }
    }

    private func withFile(_ bytes: [UInt8]? = nil, _ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID().uuidString).edn")
        defer { try? FileManager.default.removeItem(at: file) }
        if let bytes { try Data(bytes).write(to: file) }
        try await body(file.path)
    }
}
