import GRDB
import GraphClient
import Histories
import RedisClient
import Transactions

/// Lists and registers by name in the three stores: `"sqlite/3"`, `"kuzu/4"`, `"redis/5"`. Each value is the text of
/// its numbers.
struct ListStores: Sendable {
    let engines: LiveEngines

    func prepare() async throws {
        try await engines.sqlite.write {
            try $0.execute(sql: "CREATE TABLE IF NOT EXISTS history (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        }
        try await engines.graph.withWriter {
            try await $0.execute("CREATE NODE TABLE IF NOT EXISTS History(key STRING PRIMARY KEY, value STRING)")
        }
    }

    /// Runs the steps as one transaction.
    ///
    /// - Returns: the steps with what the reads returned.
    func transaction(
        _ steps: [MicroOperation], at level: IsolationLevel = .serializable
    ) async throws -> [MicroOperation] {
        try await engines.coordinator.transaction(TransactionOptions(isolation: level)) { txn in
            var done: [MicroOperation] = []
            for step in steps {
                switch step {
                case .read(let key, _): done.append(.read(key: key, Self.reading(try await read(key, txn))))
                case .append(let key, let value):
                    if level == .readCommitted { try await lock(key, txn) }
                    let list = try await read(key, txn)
                    try await write(list.map { "\($0),\(value)" } ?? "\(value)", to: key, replacing: list, txn)
                    done.append(step)
                case .write(let key, let value):
                    if level == .readCommitted { try await lock(key, txn) }
                    try await write("=\(value)", to: key, replacing: try await read(key, txn), txn)
                    done.append(step)
                }
            }
            return done
        }
    }

    /// Changes nothing, so that what is read next is what will be changed: `readCommitted` locks nothing that it reads.
    private func lock(_ key: String, _ txn: isolated Transaction) async throws {
        switch key.prefix(while: { $0 != "/" }) {
        case "sqlite": try await txn.sqlite { _ in }
        case "kuzu": try await txn.graph.execute("MATCH (h:History {key: ''}) SET h.value = ''")
        default: try await txn.redis.persist(CacheKey("history:\(key)"))
        }
    }

    /// Runs reads as one snapshot.
    func snapshot(_ steps: [MicroOperation]) async throws -> [MicroOperation] {
        try await engines.coordinator.snapshot { snapshot in
            var done: [MicroOperation] = []
            for step in steps {
                let key = step.key
                let text: String?
                switch key.prefix(while: { $0 != "/" }) {
                case "sqlite":
                    text = try await snapshot.sqlite {
                        try String.fetchOne($0, sql: "SELECT value FROM history WHERE key = ?", arguments: [key])
                    }
                case "kuzu":
                    text = try await snapshot.graph("MATCH (h:History {key: $key}) RETURN h.value", ["key": key])
                        .first?.decode(String.self)
                default: text = try await snapshot.redis.get(CacheKey("history:\(key)"))
                }
                done.append(.read(key: key, Self.reading(text)))
            }
            return done
        }
    }

    private func read(_ key: String, _ txn: isolated Transaction) async throws -> String? {
        switch key.prefix(while: { $0 != "/" }) {
        case "sqlite":
            try await txn.readSQLite {
                try String.fetchOne($0, sql: "SELECT value FROM history WHERE key = ?", arguments: [key])
            }
        case "kuzu":
            try await txn.graph.query("MATCH (h:History {key: $key}) RETURN h.value", ["key": key]).first?
                .decode(String.self)
        default: try await txn.redis.get(CacheKey("history:\(key)"))
        }
    }

    private func write(
        _ text: String, to key: String, replacing former: String?, _ txn: isolated Transaction
    ) async throws {
        switch key.prefix(while: { $0 != "/" }) {
        case "sqlite":
            try await txn.sqlite {
                try $0.execute(sql: "INSERT OR REPLACE INTO history VALUES (?, ?)", arguments: [key, text])
            }
        case "kuzu":
            let statement =
                former == nil
                ? "CREATE (:History {key: $key, value: $value})"
                : "MATCH (h:History {key: $key}) SET h.value = $value"
            try await txn.graph.execute(statement, ["key": key, "value": text])
        default: try await txn.redis.set(CacheKey("history:\(key)"), text)
        }
    }

    /// Registers are marked, so that the same text is never both.
    private static func reading(_ text: String?) -> Reading {
        guard let text else { return .nothing }
        if text.hasPrefix("=") { return Int(text.dropFirst()).map { .register($0) } ?? .nothing }
        return .list(text.split(separator: ",").compactMap { Int($0) })
    }
}
