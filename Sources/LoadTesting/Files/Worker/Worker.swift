import Foundation
import LocalEngines
import RedisClient
import Scenarios
import Synchronization
import Threads

/// The process in which a load's operations are done, so that it can be killed while the load goes on: like a service and its clients.
///
/// Here, in the process of the load, nothing of SQLite and the graph is open. Safe to use from any task.
package final class Worker: Sendable {
    /// How to start one.
    package struct Plan: Sendable, Hashable {
        /// The program `trivet`.
        package var tool: String
        package var file: ScenarioFile
        package var seed: UInt64
        package var scale: Double
    }

    private struct State {
        var process: ReportingProcess?
        var isStarting = false
        /// Whether it has said that its stores are open.
        var isOpen = false
        /// Whether one has ever said so: from then on it is started again when it ends by itself, as a service is.
        var isSupervised = false
        var requests: [Int: CheckedContinuation<WorkerReply, any Error>] = [:]
        var number = 0
        /// Who waits until it is open, or gone.
        var waiting: [CheckedContinuation<Void, any Error>] = []
        /// What it broke down with, when nothing was broken on purpose.
        var failures: [String] = []
        /// The last words of the process that runs.
        var lastWords: String?
        /// Whether it ended because its coordinator had stopped.
        var hasStopped = false
        var mayEnd = false
        /// Faults of its disk, and those that it was started with.
        var diskFaults: [FaultKind] = []
        var diskFaultsAtStart: [FaultKind] = []
        var note: (@Sendable (String) -> Void)?
    }

    /// A service's supervisor waits a moment, too.
    private static let pause = Duration.milliseconds(250)
    /// For one that is being started again: more than any recovery may take.
    private static let patience = Duration.seconds(30)

    private let tool: String
    private let arguments: [String]
    private let workingDirectory: String
    private let logFile: String
    private let state = Mutex(State())

    init(tool: String, arguments: [String], workingDirectory: String, logFile: String) {
        self.tool = tool
        self.arguments = arguments
        self.workingDirectory = workingDirectory
        self.logFile = logFile
    }

    /// The operating system's number of it; nil while there is none.
    package var processID: Int32? { state.withLock { $0.process?.processID } }

    /// What it broke down with by itself.
    var failures: [String] { state.withLock { $0.failures } }

    // MARK: Life

    /// Starts it. It is of use when its stores are open: see ``waitUntilOpen()``.
    func start() async throws {
        state.withLock { $0.mayEnd = false }
        try await startIfWanted()
    }

    /// A supervisor and the one who heals may both want to, and somebody may have ended it meanwhile.
    private func startIfWanted() async throws {
        let faults = state.withLock { state -> [FaultKind]? in
            guard state.process == nil, !state.isStarting, !state.mayEnd else { return nil }
            state.isStarting = true
            return state.diskFaults
        }
        guard let faults else { return }
        defer { state.withLock { $0.isStarting = false } }
        let process = try await ReportingProcess.start(
            tool, arguments + faults.flatMap { ["--fault", $0.name] }, workingDirectory: workingDirectory,
            logFile: logFile, takesInput: true)
        let isWanted = state.withLock { state in
            guard !state.mayEnd else { return false }
            state.process = process
            state.isOpen = false
            state.hasStopped = false
            state.lastWords = nil
            state.diskFaultsAtStart = faults
            return true
        }
        guard isWanted else {
            // Who ended it meanwhile waits until it is gone.
            process.send(.kill)
            _ = await process.exit()
            return
        }
        Task {
            for await line in process.lines { take(line) }
            await ended(await process.exit())
        }
    }

    /// - Throws: `WorkerGone` when it ends before.
    func waitUntilOpen() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let answer: Result<Void, any Error>? = state.withLock { state in
                if state.isOpen { return .success(()) }
                if state.process == nil { return .failure(WorkerGone(state.failures.last)) }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(with: answer) }
        }
    }

    /// SIGKILL; returns when it is gone.
    func kill() async {
        let process = letEnd()
        process?.send(.kill)
        await waitUntilGone()
    }

    /// Lets it end in order; one that takes too long is killed.
    func stop() async {
        let process = letEnd()
        process?.endInput()
        let patience = Task {
            try await Task.sleep(for: .seconds(30))
            process?.send(.kill)
        }
        await waitUntilGone()
        patience.cancel()
    }

    private func letEnd() -> ReportingProcess? {
        state.withLock { state in
            state.mayEnd = true
            return state.process
        }
    }

    private func waitUntilGone() async {
        while true {
            let (process, isStarting) = state.withLock { ($0.process, $0.isStarting) }
            guard process != nil || isStarting else { return }
            _ = await process?.exit()
            // Its last lines are still read, or it is about to be started and then ended.
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    private func ended(_ exit: ProcessExit) async {
        let log = await lastLog()
        let (requests, waiting, failure, isNext) = state.withLock { state in
            let isExpected =
                state.mayEnd || state.hasStopped || !state.diskFaults.isEmpty || !state.diskFaultsAtStart.isEmpty
            let words = state.lastWords ?? "the worker \(exit) by itself\(log)"
            if !isExpected { state.failures.append(words) }
            defer { (state.requests, state.waiting) = ([:], []) }
            state.process = nil
            state.isOpen = false
            return (state.requests, state.waiting, words, state.isSupervised && !state.mayEnd)
        }
        for request in requests.values { request.resume(throwing: WorkerGone()) }
        for one in waiting { one.resume(throwing: WorkerGone(failure)) }
        guard isNext else { return }
        try? await Task.sleep(for: Self.pause)
        do {
            try await startIfWanted()
        } catch {
            state.withLock { $0.failures.append("the worker could not be started again: \(error)") }
        }
    }

    /// The end of its log, for whoever reads the failure: the file is gone by then. Nothing where it is empty.
    private func lastLog() async -> String {
        let text = try? await onThread("trivet-worker-log") { [logFile] in
            try String(contentsOfFile: logFile, encoding: .utf8)
        }
        let lines = (text ?? "").split(whereSeparator: \.isNewline).suffix(5).map { String($0.prefix(300)) }
        return lines.isEmpty ? "" : "; its last lines: \(lines.joined(separator: " | "))"
    }

    private func take(_ line: String) {
        guard let reply = try? WorkerLine.decode(line, as: WorkerReply.self) else { return }
        if let note = reply.note {
            state.withLock { $0.note }?(note)
        } else if reply.id == WorkerReply.opened.id {
            let (waiting, missed) = state.withLock { state in
                state.isOpen = true
                state.isSupervised = true
                defer { state.waiting = [] }
                // What became of its disk while it opened its stores, it has not been told.
                let (now, before) = (state.diskFaults, state.diskFaultsAtStart)
                let begun = now.filter { !before.contains($0) }.map { WorkerRequest.Work.begin($0, others: []) }
                let healed = before.filter { !now.contains($0) }.map { WorkerRequest.Work.heal($0, others: now) }
                return (state.waiting, healed + begun)
            }
            for one in waiting { one.resume() }
            if !missed.isEmpty { Task { for work in missed { await tell(work) } } }
        } else if reply.id == WorkerReply.stopped.id {
            state.withLock { state in
                state.hasStopped = true
                state.isOpen = false
            }
        } else if reply.id < 0 {
            state.withLock { $0.lastWords = reply.failure }
        } else {
            state.withLock { $0.requests.removeValue(forKey: reply.id) }?.resume(returning: reply)
        }
    }

    // MARK: Work

    /// Makes schema and data.
    func prepare(note: @escaping @Sendable (String) -> Void) async throws {
        state.withLock { $0.note = note }
        do {
            try await done(.prepare)
        } catch let error as FailedWork {
            throw PreparationError(description: error.description)
        }
    }

    func perform(_ operation: DrawnOperation) async throws { try await done(.perform(operation)) }

    func begin(_ kind: FaultKind, with others: [FaultKind]) async throws {
        if kind.isOfDisk { state.withLock { $0.diskFaults.append(kind) } }
        do {
            try await done(.begin(kind, others: others))
        } catch is WorkerGone where kind.isOfDisk {
            // The next one is started with it.
        }
    }

    func heal(_ kind: FaultKind, with others: [FaultKind]) async throws {
        if kind.isOfDisk { state.withLock { $0.diskFaults.removeAll { $0 == kind } } }
        do {
            try await done(.heal(kind, others: others))
        } catch is WorkerGone {
            // With a process goes what it has broken of itself.
        }
    }

    /// Tells it what it has missed; one that goes meanwhile is told by how the next is started.
    private func tell(_ work: WorkerRequest.Work) async {
        do {
            try await done(work)
        } catch is WorkerGone {
        } catch {
            state.withLock { $0.failures.append("the worker's disk is not what it should be: \(error)") }
        }
    }

    /// What of the file's checks does not hold. One that is being started again is waited for: that it is not there yet says nothing of the stores.
    func check() async -> [String] {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await ask(.check).findings ?? []
            } catch is WorkerGone where isComing && ContinuousClock.now < deadline && !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(10))
            } catch {
                return ["\(error)"]
            }
        }
    }

    private var isComing: Bool { state.withLock { $0.isSupervised && !$0.mayEnd } }

    private func done(_ work: WorkerRequest.Work) async throws {
        if let failure = try await ask(work).failure { throw FailedWork(description: failure) }
    }

    private func ask(_ work: WorkerRequest.Work) async throws -> WorkerReply {
        let id = state.withLock { state in
            state.number += 1
            return state.number
        }
        let line = try WorkerLine.encode(WorkerRequest(id: id, work: work))
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let process = state.withLock { state -> ReportingProcess? in
                    guard state.isOpen, let process = state.process else { return nil }
                    state.requests[id] = continuation
                    return process
                }
                guard let process else {
                    continuation.resume(throwing: WorkerGone())
                    return
                }
                if Task.isCancelled {
                    state.withLock { $0.requests.removeValue(forKey: id) }?.resume(throwing: CancellationError())
                } else if !process.tell(line) {
                    state.withLock { $0.requests.removeValue(forKey: id) }?.resume(throwing: WorkerGone())
                }
            }
        } onCancel: {
            state.withLock { $0.requests.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }
}

/// The worker is not there, or went while it was asked.
struct WorkerGone: Error, CustomStringConvertible {
    var description: String

    init(_ description: String? = nil) {
        self.description = description ?? "the worker is not there"
    }
}

/// What a worker says why it has not done something.
struct FailedWork: Error, CustomStringConvertible {
    var description: String
}

extension Worker {
    /// Starts one for the length of `body`, with its stores open.
    static func withWorker<Value: Sendable>(
        _ plan: Plan, folder: String, redis: RedisEndpoint, _ body: (Worker) async throws -> Value
    ) async throws -> Value {
        try await TemporaryDirectory.withDirectory { scratch in
            let copy = scratch.path(of: "scenario.yaml")
            try await onThread("trivet-scenario") {
                try plan.file.source.text.write(toFile: copy, atomically: true, encoding: .utf8)
            }
            let worker = Worker(
                tool: plan.tool,
                arguments: [
                    "worker-process", "--folder", folder, "--redis", "\(redis)", "--copy", copy, "--path",
                    plan.file.source.path, "--seed", "\(plan.seed)", "--scale", "\(plan.scale)",
                ], workingDirectory: FileManager.default.currentDirectoryPath, logFile: scratch.path(of: "worker.log"))
            let result: Result<Value, any Error>
            do {
                try await worker.start()
                try await worker.waitUntilOpen()
                result = .success(try await body(worker))
            } catch {
                result = .failure(error)
            }
            await worker.stop()
            return try result.get()
        }
    }
}
