import ArgumentParser
import Foundation
import LoadTesting
import Transactions

struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Brings the stores to the state that SQLite's commits have decided.",
        discussion: """
            Each application does this by itself when it opens its coordinator, so this is for looking and for scripts: after a crash, it shows what the graph and Redis \
            lacked, and does it again there. It can be run as often as one likes, and be killed at any point.

            Exit status: 0 the stores are recovered, 2 wrong usage or a store is in use, 3 an engine is missing or unreachable, 4 the stores do not belong \
            together or one is older than the others; nothing was written then.

            Examples:
              trivet recover --data ./data
              trivet recover --sqlite app.sqlite --graph app.graph --redis localhost:6379
              trivet recover --data ./data --json -
            """)

    @OptionGroup(title: "Stores") var stores: StoreOptions

    @OptionGroup var engine: GraphEngineOption

    @Option(help: ArgumentHelp("Writes the report as JSON; - for standard output.", valueName: "file"))
    var json: String?

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let stores = stores
        let (report, backlog) = try await Self.judged {
            try await stores.withCoordinator { coordinator in
                var report = coordinator.recovery
                // Recovery itself does not wait for Redis.
                let isUpToDate = await coordinator.waitForRedis(within: .seconds(60))
                report.isCacheReachable = isUpToDate && (report.isCacheReachable || report.cacheReplayed > 0)
                return (report, try await coordinator.changeBacklog())
            }
        }
        try output?.write(try Self.encode(RecoveryDocument(recovery: report, backlog: backlog)))
        if output?.isStandardOutput != true { Console.print(Self.text(report, backlog)) }
        if !report.isCacheReachable { throw ExitCode(RunResult.Outcome.engineMissing.rawValue) }
    }

    static func encode(_ document: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    /// Stores that contradict each other are an answer, not a mistake of the user's.
    static func judged<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as TransactionError where error.code == .foreignStore {
            Console.printError("trivet: \(error)")
            throw ExitCode(RunResult.Outcome.inconsistent.rawValue)
        }
    }

    static func text(_ report: RecoveryReport, _ backlog: ChangeBacklog) -> String {
        var lines = [
            "Recovered in \((report.seconds * 1_000).rounded() / 1_000) s. SQLite has decided \(report.lastNumber) transactions.",
            "  graph: \(report.graphReplayed == 0 ? "had them all" : "\(report.graphReplayed) done again")",
        ]
        if !report.isCacheReachable {
            lines.append("  Redis: can't be reached; it is brought up to date when a coordinator next reaches it")
        } else if report.cacheWasDiscarded {
            lines.append(
                "  Redis: had lost more than the journal holds; managed keys were deleted, \(report.cacheReplayed) done again"
            )
        } else {
            lines.append(
                "  Redis: \(report.cacheReplayed == 0 ? "had them all" : "\(report.cacheReplayed) done again")")
        }
        if let line = waiting(backlog) { lines.append("  \(line)") }
        return lines.joined(separator: "\n")
    }

    /// What a synchronizer has still to do, in words; nil for nothing.
    static func waiting(_ backlog: ChangeBacklog) -> String? {
        guard backlog.changes > 0 || backlog.backfill > 0 else { return nil }
        let age = backlog.oldestSeconds.map { ", the oldest for \(Int($0.rounded())) s" } ?? ""
        return """
            Synchronizer: \(backlog.changes) changes wait for it\(age), and \(backlog.backfill) keys are to be made anew. \
            They reach Redis when the application runs its CacheSynchronizer.
            """
    }
}

/// What `recover --json` writes.
struct RecoveryDocument: Codable {
    var schema = 1
    var recovery: RecoveryReport
    var backlog: ChangeBacklog
}
