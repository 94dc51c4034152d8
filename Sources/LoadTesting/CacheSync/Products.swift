import Foundation
import GRDB
import Measurement
import RedisClient
import Transactions

/// Products whose rows Redis follows; each row has a version, which rises with every update.
package struct Products: Sendable {
    static let keyPrefix = "product:"
    static let categories = 20

    /// What a product's row is in Redis.
    package static let mapping = StoreMapping(
        table: "products",
        cache: CacheMapping(key: "product:{id}", value: .json(["id", "category", "price", "version"])))

    let engines: LiveEngines
    let meter: LagMeter
    /// Ids are 1 to this.
    let count: Int

    static func key(_ id: Int) -> String { "\(keyPrefix)\(id)" }

    static func id(inKey key: String) -> Int? {
        key.hasPrefix(keyPrefix) ? Int(key.dropFirst(keyPrefix.count)) : nil
    }

    /// The version in a key's value.
    static func version(in value: String) throws -> Int {
        struct Copy: Decodable {
            var version: Int
        }
        return try JSONDecoder().decode(Copy.self, from: Data(value.utf8)).version
    }

    /// Makes the table, and the rows that are missing.
    func prepare() async throws {
        try await engines.sqlite.write { [count] database in
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS products (
                        id INTEGER PRIMARY KEY, category INTEGER NOT NULL, price INTEGER NOT NULL,
                        version INTEGER NOT NULL);
                    CREATE INDEX IF NOT EXISTS products_by_category ON products (category, price)
                    """)
            let insert = try database.makeStatement(
                sql: "INSERT INTO products VALUES (?1, ?1 % ?2, 100, 0) ON CONFLICT DO NOTHING")
            for id in 1...count { try insert.execute(arguments: [id, Self.categories]) }
        }
    }

    /// One of them; some are asked for more often than others.
    func pick(using generator: inout SplitMix64) -> Int {
        let place = Double.random(in: 0..<1, using: &generator)
        return 1 + Int(place * place * Double(count))
    }

    // MARK: Updates

    /// Changes a product's price as the last thing of a transaction, and measures how long Redis takes to show it.
    func update(_ id: Int, price: Int, isCounted: Bool, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE products SET price = ?, version = version + 1 WHERE id = ?")
            .execute(arguments: [price, id])
        let version = try Int.fetchOne(
            try database.cachedStatement(sql: "SELECT version FROM products WHERE id = ?"), arguments: [id])
        guard let version else { throw Missing(what: "the row of product \(id)") }
        meter.expect(id, version: version, isCounted: isCounted, in: database)
    }

    // MARK: Cache operations

    /// A product's copy.
    func copy(of id: Int) async throws {
        // Each product has one from the beginning of the load on.
        guard try await engines.redis.get(Self.key(id)) != nil else { throw Missing(what: Self.key(id)) }
    }

    /// What a category's products cost, made from SQLite now and then.
    func summary(of category: Int) async throws {
        let summary = try await engines.coordinator.cached(CacheKey("category:\(category)"), expiry: .seconds(1)) {
            try await engines.sqlite.read { database in
                try String.fetchOne(
                    try database.cachedStatement(
                        sql: "SELECT count(*) || ' for ' || sum(price) FROM products WHERE category = ?"),
                    arguments: [category])
            }
        }
        guard summary != nil else { throw Missing(what: "the summary of category \(category)") }
    }

    func session(of user: Int) async throws {
        _ = try await engines.redis.get("session:\(user)")
    }

    func startSession(of user: Int) async throws {
        try await engines.redis.set("session:\(user)", "user \(user)", expiry: .after(.seconds(60)))
    }

    /// Something that has to be there is not.
    struct Missing: Error, CustomStringConvertible {
        var what: String
        var description: String { "\(what) is not there" }
    }

    // MARK: Afterwards

    /// Whether each key holds what its row says.
    ///
    /// - Parameter patience: how long what is still under way is waited for.
    func agreement(within patience: Duration) async throws -> StoreAgreement {
        var configuration = ConsistencyVerifier.Configuration()
        configuration.patience = patience
        let report = try await ConsistencyVerifier(
            engines.coordinator, mappings: [Self.mapping], configuration: configuration
        ).verify()
        let keys = report.parts.reduce(0) { $0 + $1.keys }
        // After the load nothing is under way any more, so what is still to come is as bad as what is wrong.
        var agreement = StoreAgreement(compared: keys, same: keys - report.differenceCount - report.pending)
        var parts = report.differences.prefix(3).map { "\($0)" }
        if report.pending > 0 { parts.append("\(report.pending) keys of products are not up to date") }
        if !parts.isEmpty { agreement.difference = parts.joined(separator: "; ") }
        return agreement
    }
}
