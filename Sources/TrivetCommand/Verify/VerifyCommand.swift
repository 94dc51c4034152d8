import ArgumentParser
import Foundation
import LoadTesting
import Transactions

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares SQLite, the graph and Redis row by row, and names each difference.",
        discussion: """
            A file of mappings says what a table's row is elsewhere: a node or a relationship of the graph, a key of Redis. Without one, the tables of trivet run are \
            compared. Stores are recovered first, as by trivet recover; the comparison itself writes nothing.

              { "mappings": [
                  { "table": "users",
                    "node": { "label": "User", "properties": ["name"] },
                    "cache": { "key": "user:{id}", "expiry": 3600,
                               "value": { "json": ["id", "name"] } } },
                  { "table": "follows",
                    "relationship": {
                      "type": "Follows",
                      "from": { "label": "User", "key": { "id": "follower" } },
                      "to": { "label": "User", "key": { "id": "followee" } } } } ] }

            A value is {"string": column}, {"json": [columns]} or {"hash": [columns]}. Instead of a list of columns, {"property": "column"} gives them other names. A key with "expiry" (seconds) may be missing. Rows are told apart by their primary key, or by the columns in "key".

            Exit status: 0 the stores agree, 2 wrong usage or a mapping that does not fit, 3 an engine is missing or unreachable, 4 there are differences.

            Examples:
              trivet verify --data ./data
              trivet verify --data ./data --mappings mappings.json --json -
              trivet verify --sqlite app.sqlite --redis localhost:6379 --mappings m.json
            """)

    @OptionGroup(title: "Stores") var stores: StoreOptions

    @OptionGroup var engine: GraphEngineOption

    @Option(help: ArgumentHelp("What the tables' rows are in the other stores, as JSON.", valueName: "file"))
    var mappings: String?

    @Option(help: "The most differences that are listed, 0 to 1000000; all are counted.")
    var list = 50

    @Option(help: ArgumentHelp("Writes the report as JSON; - for standard output.", valueName: "file"))
    var json: String?

    func validate() throws {
        guard (0...1_000_000).contains(list) else { throw ValidationError("--list is \(list); give 0 to 1000000.") }
    }

    func run() async throws {
        let output = try json.map(ResultFile.init)
        let given = try mappings.map { try StoreMappings(file: $0) }
        var configuration = ConsistencyVerifier.Configuration()
        configuration.listedDifferences = list
        let stores = stores
        let document = try await RecoverCommand.judged {
            try await stores.withCoordinator { [configuration] coordinator in
                let mappings: StoreMappings
                if let given { mappings = given } else { mappings = try await BuiltInMappings.present(in: coordinator) }
                let verifier = ConsistencyVerifier(coordinator, mappings: mappings, configuration: configuration)
                let report = try await verifier.verify()
                return VerificationDocument(
                    consistent: report.isConsistent, recovery: coordinator.recovery, report: report,
                    backlog: try await coordinator.changeBacklog())
            }
        }
        try output?.write(try RecoverCommand.encode(document))
        if output?.isStandardOutput != true {
            Console.print(VerificationText.render(document))
        }
        if !document.consistent { throw ExitCode(RunResult.Outcome.inconsistent.rawValue) }
    }
}

/// What `verify --json` writes.
struct VerificationDocument: Codable {
    var schema = 1
    var consistent: Bool
    var recovery: RecoveryReport
    var report: ConsistencyReport
    var backlog: ChangeBacklog
}
