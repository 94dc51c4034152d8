import Foundation
import Histories
import Measurement
import Synchronization
import Threads
import Transactions

/// Runs transactions over the three stores, writes down what clients did and saw, and checks whether any serial order
/// explains it.
package struct HistoryRun: Sendable {
    package var shape: WorkloadShape
    package var duration: Duration
    package var seed: UInt64
    /// Where the history is written as EDN, as it happens; a history that is there is continued.
    package var file: String
    /// Where the stores keep their data; nil for a temporary folder.
    package var folder: String?
    /// The levels that the transactions take turns in. Of those below serializable only what they write is written down
    /// and checked: what they read need not fit any order.
    package var levels: [IsolationLevel] = [.serializable]

    package init(
        shape: WorkloadShape = WorkloadShape(), duration: Duration, seed: UInt64, file: String, folder: String? = nil
    ) {
        self.shape = shape
        self.duration = duration
        self.seed = seed
        self.file = file
        self.folder = folder
    }

    /// Runs the clients, reads every key at the end, and checks the whole file.
    ///
    /// - Parameter progress: is told now and then how many transactions have ended.
    /// - Returns: what the checker found; nil when the task was cancelled: then the file has what was done until then.
    package func run(progress: @escaping @Sendable (Int) -> Void) async throws -> HistoryResult? {
        let log = try await HistoryWriter(path: file)
        let work = SharedWork(WorkloadGenerator(shape, seed: seed, continuing: log.previous))
        let engines = try await LiveEngines.withEngines(folder: folder) { engines in
            let stores = ListStores(engines: engines)
            try await stores.prepare()
            let end = ContinuousClock.now + duration
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<shape.clients {
                    group.addTask {
                        var client = HistoryClient(stores: stores, log: log, levels: levels)
                        while ContinuousClock.now < end, !Task.isCancelled {
                            await client.run(work.next())
                            progress(work.count())
                        }
                    }
                }
            }
            guard !Task.isCancelled else { return engines.versions }
            var reader = HistoryClient(stores: stores, log: log, levels: [.serializable])
            for steps in work.finalReads() { await reader.run(steps, asTransaction: true) }
            return engines.versions
        }
        guard !Task.isCancelled else { return nil }
        return HistoryResult(verdict: try await log.check(), engines: engines)
    }
}

/// What the clients take their transactions from.
private final class SharedWork: Sendable {
    private let generator: Mutex<WorkloadGenerator>
    private let ended = Atomic<Int>(0)

    init(_ generator: WorkloadGenerator) {
        self.generator = Mutex(generator)
    }

    func next() -> [MicroOperation] { generator.withLock { $0.next() } }

    func finalReads() -> [[MicroOperation]] { generator.withLock { $0.finalReads() } }

    /// Counts one that has ended.
    func count() -> Int { ended.add(1, ordering: .relaxed).newValue }
}

/// One logical thread of the history, which gets a new number whenever it doesn't know what became of a transaction.
private struct HistoryClient {
    let stores: ListStores
    let log: HistoryWriter
    let levels: [IsolationLevel]
    private var process: Int?

    init(stores: ListStores, log: HistoryWriter, levels: [IsolationLevel]) {
        self.stores = stores
        self.log = log
        self.levels = levels
    }

    mutating func run(_ steps: [MicroOperation], asTransaction: Bool = false) async {
        // By its steps, so that a seed decides.
        let level = levels[steps.reduce(0) { $0 + Int($1.key.utf8.last ?? 0) } % levels.count]
        guard level == .serializable else { return await run(steps, at: level) }
        do {
            let number: Int
            if let process { number = process } else { number = await log.newProcess() }
            process = number
            try await log.invoke(steps, process: number)
            // In doubt until it is known, whatever ends this task.
            process = nil
            let outcome = await outcome(of: steps, asTransaction: asTransaction)
            try await log.complete(outcome, process: number)
            if outcome != .info { process = number }
        } catch {
            // The file can't be written: what is in it counts.
            process = nil
        }
    }

    /// Runs a transaction of a weaker level, and writes down what it writes.
    private mutating func run(_ steps: [MicroOperation], at level: IsolationLevel) async {
        let writes = steps.filter { !$0.isRead }
        guard !writes.isEmpty else {
            _ = try? await stores.transaction(steps, at: level)
            return
        }
        do {
            let number: Int
            if let process { number = process } else { number = await log.newProcess() }
            process = nil
            try await log.invoke(writes, process: number)
            let outcome: TransactionOutcome
            do {
                _ = try await stores.transaction(steps, at: level)
                outcome = .ok(writes)
            } catch let error as TransactionError where error.code == .outcomeUnknown {
                outcome = .info
            } catch {
                outcome = .fail
            }
            try await log.complete(outcome, process: number)
            if outcome != .info { process = number }
        } catch {
            process = nil
        }
    }

    private func outcome(of steps: [MicroOperation], asTransaction: Bool) async -> TransactionOutcome {
        do {
            // Half of what only reads is a snapshot: by its first key, so that a seed decides.
            let isSnapshot = steps.isReadOnly && !asTransaction && (steps.first?.key.utf8.last ?? 0) % 2 == 0
            return .ok(try await isSnapshot ? stores.snapshot(steps) : stores.transaction(steps))
        } catch let error as TransactionError where error.code == .outcomeUnknown {
            return .info
        } catch {
            // Every other error promises that nothing happened; the checker holds the coordinator to it.
            return .fail
        }
    }
}

/// The file, on a thread of its own, since each operation waits for the file to take it.
private actor HistoryWriter {
    private nonisolated let thread = ThreadExecutor(name: "trivet-history")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    nonisolated let previous: History
    private let recorder: HistoryRecorder
    private let path: String

    init(path: String) async throws {
        self.path = path
        recorder = try await onThread("trivet-history") { try HistoryRecorder(path: path) }
        previous = recorder.previous
    }

    deinit {
        thread.retire()
    }

    func newProcess() -> Int { recorder.newProcess() }

    func invoke(_ steps: [MicroOperation], process: Int) throws { try recorder.invoke(steps, process: process) }

    func complete(_ outcome: TransactionOutcome, process: Int) throws {
        try recorder.complete(outcome, process: process)
    }

    func check() throws -> HistoryVerdict {
        HistoryChecker().check(try HistoryText(contentsOf: path).history)
    }
}
