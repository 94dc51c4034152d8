@testable import Scenarios

/// Files that tests read.
enum SampleFiles {
    /// With every part of the format.
    static let shop = """
        # A small shop.
        scenario: shop
        summary: orders of a small shop
        schema:
          sqlite:
            - CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL)
            - CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, amount REAL NOT NULL)
          graph: CREATE NODE TABLE Customer(id INT64 PRIMARY KEY, name STRING)
          redis: SET shop:open yes
        values:
          customer: {zipfian: {to: customers, exponent: 1.1}}
        data:
          - name: customers
            count: 200
            values:
              id: sequence
              name: names
            sqlite: INSERT INTO customers VALUES ($id, $name)
            graph: 'UNWIND $rows AS r CREATE (:Customer {id: r.id, name: r.name})'
            redis: SET customer:$id $name
        operations:
          - name: look
            weight: 8
            redis: GET customer:$customer
            rows: 1
          - name: order
            weight: 2
            check: cross.coordination
            values:
              amount: {uniform: {from: 0.5, to: 100}}
              id: {sequence: {from: 1000}}
            transaction:
              isolation: snapshot
              priority: high
              timeLimit: 5s
              attempts: 3
              steps:
                - sqlite: INSERT INTO orders VALUES ($id, $customer, $amount)
                - {redis: INCR orders:$customer, into: orders}
                - {redis: "SET last:${customer} '$amount of $orders' EX 60"}
                - {graph: 'MATCH (c:Customer {id: $customer}) RETURN c.name', rows: '>= 1'}
          - name: compare
            snapshot:
              - sqlite: SELECT count(*) FROM customers
              - graph: MATCH (c:Customer) RETURN count(c)
            same: true
        load:
          rate: 100
          arrivals: uniform
          places: 32
          patience: 500ms
          lag: 20ms
          stages:
            - {warm-up: 2s}
            - {ramp: 5s, from: 10}
            - {hold: 20s}
            - {spike: 2s, at: 400}
            - {hold: 10s, name: calm}
          quick:
            - {warm-up: 1s}
            - {hold: 3s}
        faults:
          - {fault: redis.latency, at: 8s, for: 2s, delay: 20ms, jitter: 5ms}
          - {fault: redis.restart-empty, at: 20s}
        targets:
          - p99 < 50ms
          - order.success >= 99 %
          - {target: look.p99.9 < 0.1s, during: calm}
          - {target: failures <= 3, during: steady, abort: true}
          - {target: rate > 50/s, window: 2s}
          - recovery < 10s
        recovered: [success >= 99%]
        checks:
          - {name: the shop is open, redis: GET shop:open, equals: "yes"}
          - name: both have the customers
            same:
              - sqlite: SELECT count(*) FROM customers
              - graph: MATCH (c:Customer) RETURN count(c)
        """

    /// The smallest that is valid, with `more` after it.
    static func small(_ more: String = "") -> String {
        """
        scenario: small
        operations:
          - name: get
            redis: GET a
        load:
          users: 1
          stages:
            - {hold: 1s}
        \(more)
        """
    }

    /// Redis follows a table, and how late it does is measured.
    static let followed = """
        scenario: followed
        values: {id: {uniform: {to: 10}}}
        mappings:
          - {table: products, key: 'product:{id}', json: [id, price, version], version: version, check: cache.lag}
          - {table: names, key: 'name:{id}', string: name, expiry: 60s}
        operations:
          - name: update
            sqlite: UPDATE products SET version = version + 1 WHERE id = $id RETURNING id, version
            lag: products
          - name: others
            steps:
              - sqlite: UPDATE products SET version = version + 1 WHERE id = $id RETURNING id, version
                outside: true
                lag: products
          - {name: top, sqlite: SELECT max(price) FROM products, cached: top:$id, expiry: 1s}
        load: {rate: 10, stages: [{hold: 1s}]}
        targets: [cache.lag < 100ms, {target: update.cache.lag.p50 < 5ms, during: steady}]
        """

    static let checks = ["cross.coordination", "redis.operation"]

    static func read(_ text: String) throws -> ScenarioFile {
        try ScenarioFile(text, path: "shop.yaml", checks: checks, keyColumns: keyColumns)
    }

    /// The columns between braces; a key without any is none.
    private static func keyColumns(_ key: String) throws -> [String] {
        let parts = key.split(separator: "{").dropFirst().compactMap { $0.split(separator: "}").first.map(String.init) }
        if parts.isEmpty { throw NoKey() }
        return parts
    }

    private struct NoKey: Error, CustomStringConvertible {
        var description: String { "it has no column" }
    }

    /// What is wrong with a text, as a user reads it.
    static func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }
}
