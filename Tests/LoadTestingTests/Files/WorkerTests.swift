import Foundation
import LocalEngines
import Testing

@testable import LoadTesting

/// The worker's life, with a shell that speaks its protocol in its place: what matters here is when it starts and ends.
@Suite("S9: the worker as a process", .timeLimit(.minutes(2)))
struct WorkerTests {
    /// Says that it is open, answers everything with success, and writes down what it was asked.
    private static let obliging = """
        echo started >> "$0.log"; \(open)
        while read -r line; do
            echo "$line" >> "$0.log"
            echo "{\\"id\\":$(printf %s "$line" | sed 's/.*"id":\\([0-9]*\\).*/\\1/')}"
        done
        """
    private static let open = #"echo '{"id":-1}'"#

    private func withWorker(_ script: String, _ body: (Worker, _ log: () -> String) async throws -> Void) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "worker.sh")
            try Data(script.utf8).write(to: URL(fileURLWithPath: path))
            let worker = Worker(
                tool: "/bin/sh", arguments: [path], workingDirectory: folder.path,
                logFile: folder.path(of: "worker.log"))
            do {
                try await body(worker) { (try? String(contentsOfFile: path + ".log", encoding: .utf8)) ?? "" }
            } catch {
                await worker.stop()
                throw error
            }
            await worker.stop()
        }
    }

    @Test("S9: one that is ended while it starts is not there afterwards", arguments: [true, false])
    func endedAtStart(isKilled: Bool) async throws {
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "worker.sh")
            try Data(Self.obliging.utf8).write(to: URL(fileURLWithPath: path))
            for round in 0..<10 {
                let log = folder.path(of: "worker-\(round).log")
                let worker = Worker(
                    tool: "/bin/sh", arguments: [path], workingDirectory: folder.path, logFile: log)
                let starting = Task { try await worker.start() }
                // The start has begun, and the process may or may not be there.
                while !FileManager.default.fileExists(atPath: log) { await Task.yield() }
                if isKilled { await worker.kill() } else { await worker.stop() }
                try await starting.value
                #expect(worker.processID == nil)
                await worker.stop()
            }
        }
    }

    @Test("S9: one that ends by itself is started again, but not after it was ended")
    func supervised() async throws {
        let script = "echo x >> \"$0.log\"; \(Self.open); read -r line; echo '{\"id\":-4}'; exit 3"
        try await withWorker(script) { worker, log in
            try await worker.start()
            try await worker.waitUntilOpen()
            // What it is asked ends it.
            _ = await worker.check()
            while log().split(separator: "\n").count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(worker.failures == [])
            while true {
                do {
                    try await worker.waitUntilOpen()
                    break
                } catch is WorkerGone { try await Task.sleep(for: .milliseconds(5)) }
            }
            _ = await worker.check()
            await worker.stop()
            let count = log().split(separator: "\n").count
            try await Task.sleep(for: .milliseconds(400))
            #expect(worker.processID == nil && log().split(separator: "\n").count == count)
        }
    }

    @Test("S9: a disk that fills while it opens its stores is full when they are open")
    func fullWhileOpening() async throws {
        // It opens when the test has said so.
        let script = """
            while [ ! -e "$0.go" ]; do sleep 0.01; done
            \(Self.obliging)
            """
        try await TemporaryDirectory.withDirectory { folder in
            let path = folder.path(of: "worker.sh")
            try Data(script.utf8).write(to: URL(fileURLWithPath: path))
            let worker = Worker(
                tool: "/bin/sh", arguments: [path], workingDirectory: folder.path,
                logFile: folder.path(of: "worker.log"))
            try await worker.start()
            try await worker.begin(.workerDiskFull, with: [])
            try Data().write(to: URL(fileURLWithPath: path + ".go"))
            try await worker.waitUntilOpen()
            let deadline = ContinuousClock.now + .seconds(30)
            var log = ""
            while !log.contains("begin"), .now < deadline {
                log = (try? String(contentsOfFile: path + ".log", encoding: .utf8)) ?? ""
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(log.contains("begin"), "\(log)")
            await worker.stop()
        }
    }

    @Test("S9: one that breaks down says the end of its log, which nobody finds afterwards")
    func lastWords() async throws {
        try await withWorker("echo 'the disk is on fire' >&2; exit 9") { worker, _ in
            try await worker.start()
            do {
                try await worker.waitUntilOpen()
                Issue.record("it opened")
            } catch {
                #expect("\(error)".contains("the disk is on fire"), "\(error)")
            }
            #expect(worker.failures.count == 1 && worker.failures[0].contains("the disk is on fire"))
        }
    }
}
