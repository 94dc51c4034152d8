import Foundation
import RedisClient
import Scenarios
import Stores
import Synchronization
import Threads
import Transactions

/// The worker's own side: opens the stores, and does what it is asked on its standard input until that ends.
package struct ScenarioWorker: Sendable {
    let folder: String
    let redis: RedisEndpoint
    let file: ScenarioFile
    let seed: UInt64
    let scale: Double

    /// - Parameter text: a copy of the scenario's text; `path` is where it was read from.
    package init(
        folder: String, redis: RedisEndpoint, text: String, path: String, seed: UInt64, scale: Double
    ) throws {
        self.folder = folder
        self.redis = redis
        file = try FileRun.scenario(text, path: path)
        self.seed = seed
        self.scale = scale
    }

    /// - Parameter faults: names of faults of the disk that last while it is started.
    /// - Returns: whether the stores could be opened.
    package func run(faults: [String]) async -> Bool {
        do {
            try LiveEngines.limitFiles(faults, in: folder)
            try await LiveEngines.withStores(in: folder, redis: redis) { engines in
                let preparation = FilePreparation(file: file, scale: scale, seed: seed, engines: engines)
                let operations = try FileScenario.operations(file, counts: try preparation.counts)
                try await StepRunner.withRunner(for: file, on: engines) { runner in
                    let desk = WorkerDesk(
                        preparation: preparation, operations: operations,
                        checks: FileChecks(file: file, runner: runner), engines: engines)
                    Self.tell(.opened)
                    await withDiscardingTaskGroup { group in
                        for await line in Self.requests() {
                            group.addTask { Self.tell(await desk.answer(line)) }
                        }
                        group.cancelAll()
                    }
                }
            }
            return true
        } catch {
            Self.tell(.broken("\(error)"))
            return false
        }
    }

    /// Lines of standard input, read on a thread of their own.
    private static func requests() -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream<String>.makeStream()
        Task {
            try? await onThread("trivet-requests") {
                while let line = readLine() { continuation.yield(line) }
            }
            continuation.finish()
        }
        return lines
    }

    private static let output = Mutex(())

    fileprivate static func tell(_ reply: WorkerReply) {
        guard let line = try? WorkerLine.encode(reply) else { return }
        var bytes = Array((line + "\n").utf8)[...]
        output.withLock { _ in
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                bytes = bytes.dropFirst(count)
            }
        }
    }
}

/// Does what is asked.
private final class WorkerDesk: Sendable {
    private let preparation: FilePreparation
    private let operations: [FileOperation]
    private let checks: FileChecks
    private let engines: LiveEngines
    private let held = Mutex<[(kind: FaultKind, held: HeldFault?)]>([])

    init(preparation: FilePreparation, operations: [FileOperation], checks: FileChecks, engines: LiveEngines) {
        self.preparation = preparation
        self.operations = operations
        self.checks = checks
        self.engines = engines
    }

    func answer(_ line: String) async -> WorkerReply {
        let request: WorkerRequest
        do {
            request = try WorkerLine.decode(line, as: WorkerRequest.self)
        } catch {
            return .broken("a request is none: \(line.prefix(200))")
        }
        do {
            return WorkerReply(id: request.id, findings: try await perform(request.work))
        } catch let error as FailedOperation where (error.cause as? TransactionError)?.code == .stopped {
            // As an application does that can't go on: it ends, and whoever looks after it starts it again, which recovers the stores.
            // Without the libraries' own ends, which other threads that still use them may keep for ever.
            ScenarioWorker.tell(.stopped)
            _exit(3)
        } catch {
            return WorkerReply(id: request.id, failure: "\(error)")
        }
    }

    private func perform(_ work: WorkerRequest.Work) async throws -> [String]? {
        switch work {
        case .prepare: try await preparation.prepare { ScenarioWorker.tell(.note($0)) }
        case .perform(let drawn):
            // Nothing here asks which are counted: that is known where the load is made.
            try await operations[drawn.number].execute(drawn, checks.runner, isCounted: false)
        case .begin(let kind, let others):
            let fault = try await engines.begin(kind, with: others)
            held.withLock { $0.append((kind, fault)) }
        case .heal(let kind, let others):
            if kind.isOfDisk {
                try await engines.heal(kind, nil, with: others)
                return nil
            }
            // A process that was started after the fault began holds nothing.
            let fault = held.withLock { held -> HeldFault?? in
                held.firstIndex { $0.kind == kind }.map { held.remove(at: $0).held }
            }
            if let fault { try await engines.heal(kind, fault, with: others) }
        case .check: return await checks.findings()
        }
        return nil
    }
}
