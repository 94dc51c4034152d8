import Foundation
import RedisClient
import Scenarios
import Stores

/// Stores of a user's own that a scenario's file is run on.
///
/// Trivet has not made them, so nothing is written into them unless `adopts` says that it may be. Which tables, markers and keys are in them
/// says nothing of that: an application's own stores are coordinated by Trivet, too.
package struct ExistingStores: Sendable {
    package var sqlite: String?
    package var graph: String?
    package var redis: Redis?
    /// Whether they may be written.
    package var adopts = false

    /// A Redis server, and how it was named.
    package struct Redis: Sendable {
        package var name: String
        package var endpoint: RedisEndpoint
        package var configuration: RedisPoolConfiguration

        package init(name: String, endpoint: RedisEndpoint, configuration: RedisPoolConfiguration) {
            self.name = name
            self.endpoint = endpoint
            self.configuration = configuration
        }
    }

    package init(sqlite: String? = nil, graph: String? = nil, redis: Redis? = nil, adopts: Bool = false) {
        self.sqlite = sqlite
        self.graph = graph
        self.redis = redis
        self.adopts = adopts
    }

    /// Where a store is; nil for one that was not named.
    func place(_ store: ScenarioStore) -> String? {
        switch store {
        case .sqlite: sqlite
        case .graph: graph
        case .redis: redis.map { "Redis at \($0.name)" }
        }
    }

    /// What speaks against running a file on them, as far as can be said without asking them.
    ///
    /// - Throws: `ExistingStoresError`.
    func check(_ file: ScenarioFile) throws {
        let needs = StoreNeeds(file)
        for store in ScenarioStore.allCases where needs.stores.contains(store) && place(store) == nil {
            throw ExistingStoresError(
                """
                \(file.id) uses \(store.title), and on stores of your own each one that it uses has to be named. \
                Give --\(store.rawValue).
                """)
        }
        if let place = needs.coordinated, sqlite == nil {
            throw ExistingStoresError(
                "\(place) of \(file.id) is coordinated, and SQLite's commits decide for the other stores. Give --sqlite."
            )
        }
        for fault in file.faults where fault.kind.isOfProcess || fault.kind.isOfWorker {
            throw ExistingStoresError(
                """
                The fault \(fault.kind.name) is for processes that belong to the run, and these stores are your own. \
                Leave it out, or run the file on private engines.
                """)
        }
        for (path, kind) in [(sqlite, "SQLite database"), (graph, "graph")] {
            guard let path, !FileManager.default.fileExists(atPath: path) else { continue }
            throw ExistingStoresError("There is no \(kind) at \(path). Check the path.")
        }
        if !adopts, !needs.writes.isEmpty {
            throw refusal(file, needs.writes.map { (place($0.store) ?? "", $0.place) })
        }
    }

    /// The same for Redis' commands, of which the server knows whether they write.
    func check(_ file: ScenarioFile, redis pool: RedisPool) async throws {
        guard !adopts, let redis else { return }
        let commands = StoreNeeds(file).commands
        guard !commands.isEmpty else { return }
        let writing: Set<String>
        do {
            writing = try await CommandTable(commands.map(\.name), in: pool).writing
        } catch let error as RedisError where error.code == .serverError {
            throw ExistingStoresError(
                """
                Redis at \(redis.name) does not tell which commands write (\(error)). Nothing was written. \
                Allow COMMAND to this user, or give --adopt if it may be written.
                """)
        }
        let first = commands.first { writing.contains($0.name) }
        if let first {
            throw refusal(file, [("Redis at \(redis.name)", "\(first.name) of \(first.place)")])
        }
    }

    private func refusal(_ file: ScenarioFile, _ writes: [(store: String, place: String)]) -> ExistingStoresError {
        let places = writes.map { "\($0.store) (\($0.place))" }.joined(separator: ", and ")
        return ExistingStoresError(
            "\(file.id) would write into \(places), which Trivet has not made. Nothing was written. Give --adopt if it may."
        )
    }
}

/// A file can't be run on the stores that were named.
package struct ExistingStoresError: Error, Sendable, CustomStringConvertible {
    /// What is wrong, and the remedy.
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Which commands write, as a server itself says.
struct CommandTable: Sendable {
    /// Those that are not known to only read.
    let writing: Set<String>

    /// What changes nothing, and is not flagged as reading either.
    private static let harmless: Set<String> = ["PING", "ECHO", "TIME"]
    /// Flagged as reading, and puts what it has counted aside in the key.
    private static let careless: Set<String> = ["PFCOUNT"]

    init(_ names: [String], in redis: some RedisCommands) async throws {
        let names = Set(names).sorted()
        let reply = try await redis.send(RedisCommand("COMMAND", arguments: (["INFO"] + names).map { .string($0) }))
        guard case .array(let entries) = reply, entries.count == names.count else {
            writing = Set(names)
            return
        }
        writing = Set(
            zip(names, entries).filter { name, entry in
                Self.careless.contains(name) || (!Self.harmless.contains(name) && !Self.onlyReads(entry))
            }.map(
                \.0))
    }

    /// An entry is its name, its arity, its flags, and more.
    private static func onlyReads(_ entry: RESPValue) -> Bool {
        guard case .array(let parts) = entry, parts.count > 2 else { return false }
        let flags: [RESPValue]
        switch parts[2] {
        case .array(let values), .set(let values): flags = values
        default: return false
        }
        let names = flags.map { FieldValue($0).description }
        return names.contains("readonly") && !names.contains("write")
    }
}
