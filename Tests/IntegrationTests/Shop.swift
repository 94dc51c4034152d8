import GRDB
import Trivet
import TrivetTesting

/// A small shop whose orders are rows in SQLite, relationships in the graph, and sums in Redis: what the examples here work on.
struct Shop: Sendable {
    static let customers = 1...40
    static let products = 1...25

    /// What an order's row and its customer's are elsewhere: what the synchronizer writes, and what the verifier compares.
    static let mappings: StoreMappings = [
        StoreMapping(
            table: "customers", graph: .node(NodeMapping(label: "Customer", properties: ["name"])),
            cache: CacheMapping(key: "customer:{id}", value: .json(["id", "name"])))
    ]

    let folder: String
    let redis: RedisPool
    let coordinator: Coordinator

    /// Opens the shop on the test's own redis-server and in its own folder: with the traits `.redisServer` and `.temporaryDirectory`.
    static func open<Value: Sendable>(_ body: (Shop) async throws -> Value) async throws -> Value {
        let folder = try TemporaryDirectory.current
        return try await RedisPool.withPool(to: try RedisServer.current.endpoint) { redis in
            try await Coordinator.withCoordinator(
                sqlite: folder.path(of: "shop.sqlite"), graph: folder.path(of: "shop.graph"), redis: redis
            ) { coordinator in
                let shop = Shop(folder: folder.path, redis: redis, coordinator: coordinator)
                try await shop.furnish()
                return try await body(shop)
            }
        }
    }

    private func furnish() async throws {
        try await coordinator.sqlite.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                    CREATE TABLE orders (
                        id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers (id), product INTEGER NOT NULL,
                        price INTEGER NOT NULL, placed INTEGER NOT NULL)
                    """)
        }
        try await coordinator.graph?.withWriter { session in
            try await session.execute("CREATE NODE TABLE Customer(id INT64 PRIMARY KEY, name STRING)")
            try await session.execute("CREATE NODE TABLE Product(id INT64 PRIMARY KEY)")
            try await session.execute("CREATE REL TABLE Ordered(FROM Customer TO Product, id INT64)")
            for id in Self.products { try await session.execute("CREATE (:Product {id: $id})", ["id": id]) }
        }
        try await coordinator.transaction { txn in
            for id in Self.customers {
                let name = "customer \(id)"
                try await txn.sqlite {
                    try $0.execute(sql: "INSERT INTO customers VALUES (?, ?)", arguments: [id, name])
                }
                try await txn.graph.insert("Customer", ["id": id, "name": name])
                try await txn.redis.set("customer:\(id)", "{\"id\":\(id),\"name\":\"\(name)\"}")
            }
        }
    }

    /// Places an order in the three stores at once.
    ///
    /// - Parameter placed: when the customer did it, in milliseconds.
    func order(_ product: Int, by customer: Int, price: Int, placed: Int) async throws {
        try await coordinator.transaction { txn in
            let id = try await txn.sqlite { db in
                try db.execute(
                    sql: "INSERT INTO orders (customer, product, price, placed) VALUES (?, ?, ?, ?)",
                    arguments: [customer, product, price, placed])
                return Int(db.lastInsertedRowID)
            }
            try await txn.graph.execute(
                """
                MATCH (c:Customer {id: $customer}) WITH c MATCH (p:Product {id: $product})
                CREATE (c)-[:Ordered {id: $id}]->(p)
                """, ["customer": customer, "product": product, "id": id])
            try await txn.redis.increment("spent:\(customer)", by: price)
        }
    }
}
