import Foundation
import Testing

@testable import Measurement

@Suite("M3: processes that run")
struct ProcessSampleTests {
    @Test("M3: this process has memory, threads, files and time")
    func current() throws {
        let sample = try ProcessSample.current()
        #expect(sample.process == ProcessInfo.processInfo.processIdentifier)
        #expect(sample.residentMemory > 1_048_576)
        #expect(sample.threads >= 1)
        #expect(try #require(sample.openFiles) >= 3)
        #expect(sample.userTime + sample.systemTime > .zero)
        // Some other test may take or give back memory in between.
        #expect(abs(ProcessMemory.resident() - sample.residentMemory) < sample.residentMemory)
    }

    @Test("M3: work shows as time of the processors, and only as much as there was")
    func work() throws {
        let first = try ProcessSample.current()
        var usage: ProcessUsage?
        var generator = SplitMix64(seed: 1)
        var sum: UInt64 = 0
        while (usage?.userTime ?? .zero) < .milliseconds(20) {
            for _ in 0..<1_000_000 { sum &+= generator.next() }
            usage = try ProcessSample.current().since(first)
        }
        #expect(sum != 0)
        let found = try #require(usage)
        #expect(found.processors > 0)
        #expect(found.processors <= Double(ProcessInfo.processInfo.processorCount) + 0.5)
        #expect(found.duration > .zero)
    }

    @Test("M3: another process: its files, its threads, its work and its waiting", .timeLimit(.minutes(1)))
    func child() throws {
        // Works when it is told to, and waits for it before and after.
        let child = try Child(
            """
            echo ready; read line
            exec 3</dev/null 4</dev/null 5</dev/null
            i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done
            echo done; read line
            """)
        try child.expect("ready")
        let before = try ProcessSample(of: child.process)
        #expect(before.process == child.process)
        #expect(before.threads == 1)
        #expect(before.residentMemory > 100_000)
        child.say("go")
        try child.expect("done")
        let after = try ProcessSample(of: child.process)
        let usage = try #require(after.since(before))
        #expect(usage.userTime + usage.systemTime > .zero)
        #expect(usage.threads == 0)
        #expect(usage.openFiles == 3)
        // It waits to be read, or to read: when it does is its own affair.
        while try (#require(try ProcessSample(of: child.process).since(before)?.voluntarySwitches)) == 0 {}
        #expect(after.since(after) == nil)
        #expect(before.since(after) == nil)
        #expect(try ProcessSample.current().since(before) == nil)
        var reused = after
        reused.start += 1
        #expect(reused.since(before) == nil)
        child.end()
        do {
            _ = try ProcessSample(of: child.process)
            Issue.record("a process that has ended was looked at")
        } catch let error as ProcessSampleError {
            #expect(error.code == .gone)
            #expect(error.description.contains("\(child.process)"))
        }
    }

    @Test("M3: the files that this process opens are counted")
    func openFiles() throws {
        // Other tests open some, too; so many they don't close at once.
        let before = try #require(try ProcessSample.current().openFiles)
        let files = (0..<200).map { _ in FileHandle(forReadingAtPath: "/dev/null") }
        let after = try #require(try ProcessSample.current().openFiles)
        #expect(after - before > 100)
        for file in files { try file?.close() }
    }

    @Test("M3: a file of the system that isn't there has a number")
    func missing() {
        do {
            _ = try SystemFile.read("/nowhere/at/all")
            Issue.record("read")
        } catch {
            #expect(error.number == ENOENT)
            #expect(!error.text.isEmpty)
        }
    }
}

/// A shell that is talked to, and never outlives the test.
private final class Child {
    private let shell = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var text = ""

    init(_ script: String) throws {
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", script]
        shell.standardInput = input
        shell.standardOutput = output
        try shell.run()
    }

    deinit {
        if shell.isRunning { end() }
    }

    var process: Int32 { shell.processIdentifier }

    func say(_ line: String) {
        input.fileHandleForWriting.write(Data("\(line)\n".utf8))
    }

    func expect(_ line: String) throws {
        while !text.contains("\(line)\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the shell ended")
            text += String(decoding: data, as: UTF8.self)
        }
    }

    func end() {
        // It reads, and ends when there is nothing more. Signals are blocked in children of the test's threads.
        try? input.fileHandleForWriting.close()
        shell.waitUntilExit()
    }
}
