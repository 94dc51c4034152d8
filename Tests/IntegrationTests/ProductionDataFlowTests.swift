import Analytics
import GRDB
import Measurement
import Testing
import Trivet
import TrivetTesting

/// How data flows from a user's action to everything that is made of it. Each test is an example that can be read by itself.
@Suite("Production data flows", .timeLimit(.minutes(5)))
struct ProductionDataFlowTests {
    @Test(
        "S4: a pipeline: orders are followed from the log as they are committed, and windows of time add up to what SQL says",
        .redisServer, .temporaryDirectory)
    func pipeline() async throws {
        try await Shop.open { shop in
            var generator = SplitMix64(seed: 1)
            // Most orders are told at once; a phone that was in a tunnel tells them later, in whatever order.
            for number in 0..<300 {
                try await shop.order(
                    Int.random(in: Shop.products, using: &generator),
                    by: Int.random(in: Shop.customers, using: &generator),
                    price: Int.random(in: 1...100, using: &generator),
                    placed: number * 20 - Int.random(in: 0...900, using: &generator))
            }
            var configuration = AnalyticsEngine.Configuration()
            configuration.lateness = .seconds(1)
            var engine = AnalyticsEngine(configuration)
            var windows: [ClosedWindow] = []
            var last = 0
            while true {
                // The ids of rows ascend as they are committed: nothing comes before what was read.
                let orders = try await shop.coordinator.sqlite.read { [last] db in
                    try Row.fetchAll(
                        db, sql: "SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT 50", arguments: [last]
                    ).map { row in
                        (
                            id: row["id"] as Int,
                            event: AnalyticsEvent(
                                moment: row["placed"], user: row["customer"], kind: "order", item: row["product"],
                                spent: .zero)
                        )
                    }
                }
                for order in orders {
                    windows += engine.add(order.event).tumbling
                    last = order.id
                }
                if orders.isEmpty { break }
            }
            windows += engine.finish().tumbling
            let truth = try await shop.coordinator.sqlite.read { db in
                // Division rounds towards 0, and moments may be before it.
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT (placed + 10000) / 1000 * 1000 - 10000 AS start, count(*), count(DISTINCT customer) FROM orders
                        GROUP BY start ORDER BY start
                        """
                ).map { row in [row[0] as Int, row[1] as Int, row[2] as Int] }
            }
            #expect(engine.late == 0 && engine.outOfOrder > 100)
            #expect(windows.map { [$0.start, $0.aggregate.events, $0.aggregate.users.count] } == truth)
        }
    }

    @Test(
        "T7: live synchronisation: the cache follows what another program writes into SQLite", .redisServer,
        .temporaryDirectory)
    func synchronisation() async throws {
        try await Shop.open { shop in
            let synchronizer = try CacheSynchronizer(shop.coordinator, mappings: Shop.mappings)
            let following = Task { try await synchronizer.run() }
            try await synchronizer.waitUntilCurrent()
            // A connection that Trivet knows nothing of, as a migration's or an administrator's is.
            let other = try await SQLitePool.open(at: shop.folder + "/shop.sqlite")
            try await other.write { try $0.execute(sql: "UPDATE customers SET name = 'Ada' WHERE id = 7") }
            await other.shutdown()
            try await synchronizer.waitUntilCurrent()
            #expect(try await shop.redis.get("customer:7") == "{\"id\":7,\"name\":\"Ada\"}")
            following.cancel()
            _ = await following.result
        }
    }

    @Test(
        "T8: a transformation is checked: the verifier names the copy that is not what its row says", .redisServer,
        .temporaryDirectory)
    func transformation() async throws {
        try await Shop.open { shop in
            let verifier = ConsistencyVerifier(shop.coordinator, mappings: Shop.mappings)
            #expect(try await verifier.verify().isConsistent)
            // Somebody writes around the transactions.
            try await shop.coordinator.graph?.withWriter { session in
                try await session.execute("MATCH (c:Customer {id: 3}) SET c.name = 'nobody'")
            }
            let report = try await verifier.verify()
            let difference = try #require(report.differences.first)
            #expect(report.differenceCount == 1 && difference.store == .graph && difference.field == "name")
            #expect(difference.description.contains("nobody"))
        }
    }

    @Test(
        "S8: under load, orders of 20 customers at once are all there, once, in each store, and are measured",
        .redisServer, .temporaryDirectory)
    func load() async throws {
        try await Shop.open { shop in
            let meter = OperationMeter(.init(store: "shop", operation: "order"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for customer in 1...20 {
                    group.addTask {
                        var generator = SplitMix64(seed: UInt64(customer))
                        for number in 0..<15 {
                            let product = Int.random(in: Shop.products, using: &generator)
                            try await meter.measure {
                                try await shop.order(product, by: customer, price: 10, placed: number)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(meter.successCount == 300 && meter.failureCount == 0)
            #expect(meter.latency.percentile(99) > .zero)
            // One moment in all three stores.
            try await shop.coordinator.snapshot { snapshot in
                let rows = try await snapshot.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM orders") }
                let relationships = try await snapshot.graph(
                    "MATCH (:Customer)-[o:Ordered]->(:Product) RETURN count(o)")
                #expect(try rows == 300 && relationships.scalar(Int.self) == 300)
                for customer in 1...20 {
                    #expect(try await snapshot.redis.get("spent:\(customer)", as: Int.self) == 150)
                }
            }
        }
    }
}
