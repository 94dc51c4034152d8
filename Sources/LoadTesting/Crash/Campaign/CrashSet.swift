import Foundation
import LocalEngines
import Stores
import Threads
import Transactions

/// The stores of some rounds: processes crash on them, and after each round they are recovered and checked.
package struct CrashSet {
    package let stores: CrashStores
    package let server: RedisServer
    package let seed: UInt64
    /// The program `trivet`.
    private let tool: String
    /// What is broken, and when.
    private let faults: FaultLog
    /// Numbers in it of what is broken now.
    private var broken: [Int] = []
    private(set) var history = CrashHistory()
    /// What was found last.
    package private(set) var state: CrashState?
    package private(set) var figures = CrashFigures()

    /// How long a process may take; more than anything that it does.
    private static let patience: Duration = .seconds(60)

    /// Makes new stores for the length of `body`.
    ///
    /// - Parameter folder: an empty folder, which stays.
    package static func withSet<Value: Sendable>(
        in folder: String, kind: CrashStores.Kind, seed: UInt64, tool: String, faults: FaultLog = FaultLog(),
        _ body: (inout CrashSet) async throws -> Value
    ) async throws -> Value {
        // So that it is known for ours when it is kept.
        try await onThread("trivet-folder") { try DataFolder.claim(folder, adopts: false) }
        var redis = RedisServer.Configuration(folder: folder + "/redis")
        // Where the journal keeps nothing for it, Redis may not lose what it has acknowledged.
        redis.appendOnly = kind.isTrimmed ? .always : .everySecond
        return try await RedisServer.withServer(redis) { server in
            let stores = CrashStores(folder: folder, socket: server.controlSocket, kind: kind)
            var set = CrashSet(stores: stores, server: server, seed: seed, tool: tool, faults: faults)
            return try await body(&set)
        }
    }

    private init(stores: CrashStores, server: RedisServer, seed: UInt64, tool: String, faults: FaultLog) {
        self.stores = stores
        self.server = server
        self.seed = seed
        self.tool = tool
        self.faults = faults
    }

    // MARK: A round

    /// Runs a round's processes, recovers the stores, and checks them.
    ///
    /// - Returns: what is wrong.
    /// - Throws: `CancellationError`; what keeps the test itself from going on.
    package mutating func run(_ plan: CrashPlan) async throws -> [CrashViolation] {
        var found: [CrashViolation] = []
        for (index, stage) in plan.stages.enumerated() {
            found += try await run(stage, first: (plan.round * 8 + min(index, 7)) * 1_000 + 1)
            try Task.checkCancellation()
        }
        found += await check(discarded: plan.discardsCache ? state?.parts[.redis]?.contents ?? [:] : nil)
        try Task.checkCancellation()
        figures.rounds += 1
        if plan.copiesGraph { try await copyGraph(from: "graph.db", to: "copy.db") }
        return found
    }

    private mutating func run(_ stage: CrashPlan.Stage, first: Int) async throws -> [CrashViolation] {
        if let disaster = stage.before { try await wreak(disaster) }
        history.beginProcess()
        figures.processes += 1
        let process = try await ReportingProcess.start(
            tool, arguments(for: stage, first: first), workingDirectory: stores.folder,
            logFile: stores.folder + "/process.log")
        let timers = StageTimers(process: process)
        timers.kill(after: Self.patience, isHung: true)
        var strange: [String] = []
        let (server, folder, faults, broken) = (server, stores.folder, faults, broken)
        if case .afterStart(let delay) = stage.end { timers.kill(after: delay) }
        var history = history
        await withTaskCancellationHandler {
            for await line in process.lines {
                guard let message = CrashMessage(line: line) else {
                    strange.append(line)
                    continue
                }
                history.take(message)
                guard message == .opened else { continue }
                // Opened is recovered.
                for fault in broken { faults.end(fault) }
                if case .afterOpening(let delay) = stage.end { timers.kill(after: delay) }
                if let during = stage.during {
                    timers.add(after: during.delay) { try await Self.wreak(during.disaster, server, folder, faults) }
                }
            }
        } onCancel: {
            process.send(.kill)
        }
        let exit = await process.exit()
        try await timers.end()
        history.endProcess()
        self.history = history
        if exit == .signal(.kill) {
            self.broken.append(faults.begin("crash-\(figures.processes)", kind: "process killed"))
        }
        if stage.during != nil { count(stage.during?.disaster) }
        try Task.checkCancellation()
        return judge(exit, of: stage, isHung: timers.isHung, strange: strange)
    }

    private func arguments(for stage: CrashPlan.Stage, first: Int) -> [String] {
        var arguments = [
            "crash-process", "--folder", stores.folder, "--socket", stores.socket, "--kind", stores.kind.rawValue,
            "--seed", "\(seed)", "--first", "\(first)", "--units", "\(stage.units)",
        ]
        if case .failpoint(let point, let passage, let delay) = stage.end {
            arguments += ["--failpoint", point.rawValue, "--passage", "\(passage)"]
            arguments += ["--delay", "\(Int(delay / .microseconds(1)))"]
        }
        return arguments
    }

    private mutating func judge(
        _ exit: ProcessExit, of stage: CrashPlan.Stage, isHung: Bool, strange: [String]
    ) -> [CrashViolation] {
        var found: [CrashViolation] = []
        if isHung {
            found.append(CrashViolation("I7", "a process was not done within \(Self.patience) (\(stage))"))
        } else if exit == .signal(.kill) {
            figures.count(kill: history.failpoint ?? (history.isOpened ? "random, at work" : "random, opening"))
        } else if exit == .status(0) {
            figures.unreached += 1
        } else {
            let log = (try? String(contentsOfFile: stores.folder + "/process.log", encoding: .utf8)) ?? ""
            found.append(CrashViolation("T5", "a process \(exit) by itself (\(stage)): \(log.suffix(20_000))"))
        }
        if let broken = history.broken { found.append(CrashViolation("T5", "a process could not go on: \(broken)")) }
        found += strange.map { CrashViolation("T5", "a process said: \($0)") }
        return found
    }

    // MARK: Disasters

    private mutating func wreak(_ disaster: CrashPlan.Disaster) async throws {
        count(disaster)
        try await Self.wreak(disaster, server, stores.folder, faults)
    }

    private mutating func count(_ disaster: CrashPlan.Disaster?) {
        switch disaster {
        case .killRedis: figures.redisKilled += 1
        case .emptyRedis: figures.redisEmptied += 1
        case .olderGraph: figures.graphsPutBack += 1
        case nil: break
        }
    }

    private static func wreak(
        _ disaster: CrashPlan.Disaster, _ server: RedisServer, _ folder: String, _ faults: FaultLog
    ) async throws {
        let fault = faults.begin("crash-\(disaster)", kind: disaster.name, store: disaster.store)
        defer { faults.end(fault) }
        switch disaster {
        case .killRedis: try await server.restart()
        case .emptyRedis: try await server.restart(empty: true)
        case .olderGraph: try await copyGraph(in: folder, from: "copy.db", to: "graph.db")
        }
    }

    private func copyGraph(from source: String, to target: String) async throws {
        try await Self.copyGraph(in: stores.folder, from: source, to: target)
    }

    /// All of its files but the lock, while nobody has it open.
    private static func copyGraph(in folder: String, from source: String, to target: String) async throws {
        try await onThread("trivet-crash-files") {
            let files = FileManager.default
            let names = try files.contentsOfDirectory(atPath: folder)
            guard names.contains(source) else { return }
            for name in names where name.hasPrefix(target) && !name.hasSuffix(".lock") {
                try files.removeItem(atPath: folder + "/" + name)
            }
            for name in names where name.hasPrefix(source) && !name.hasSuffix(".lock") {
                let copy = target + name.dropFirst(source.count)
                try files.copyItem(atPath: folder + "/" + name, toPath: folder + "/" + copy)
            }
        }
    }

    // MARK: Checking

    /// Recovers the stores, and compares what is in them with what was told.
    ///
    /// - Parameter discarded: what Redis held, if it has lost more than the journal holds since.
    package mutating func check(discarded: CrashContents? = nil) async -> [CrashViolation] {
        let stores = stores
        let began = ContinuousClock.now
        do {
            let (faults, broken) = (faults, broken)
            let seen = try await stores.withCoordinator { coordinator, redis in
                for fault in broken { faults.end(fault) }
                guard await coordinator.waitForRedis(within: .seconds(30)) else { return nil as Seen? }
                let seconds = (ContinuousClock.now - began) / .seconds(1)
                try await stores.prepare(coordinator)
                let state = try await CrashState.read(coordinator, redis)
                // What was dropped is missing, which is what a verifier is for.
                let report =
                    discarded == nil
                    ? try await ConsistencyVerifier(coordinator, mappings: stores.mappings).verify() : nil
                let stuck = coordinator.quarantinedKeys.map { "\($0.key): \($0.value)" }
                return Seen(
                    state: state, recovery: coordinator.recovery, seconds: seconds, report: report, quarantined: stuck)
            }
            guard let seen else { return [CrashViolation("I1", "Redis was not brought up to date within 30 s")] }
            state = seen.state
            self.broken = []
            figures.take(seen.recovery, seconds: seen.seconds)
            figures.take(history, seen.state)
            let checker = CrashChecker(
                seed: seed, hasGraph: stores.kind.hasGraph, history: history, state: seen.state, discarded: discarded)
            var found = checker.violations()
            found += seen.report?.differences.map { CrashViolation("T8", "\($0)") } ?? []
            found += seen.quarantined.map { CrashViolation("I1", "Redis refused a decided change of \($0)") }
            return found
        } catch {
            return [CrashViolation("T5", "the stores could not be recovered and read: \(error)")]
        }
    }

    private struct Seen: Sendable {
        var state: CrashState
        var recovery: RecoveryReport
        var seconds: Double
        var report: ConsistencyReport?
        var quarantined: [String]
    }
}
