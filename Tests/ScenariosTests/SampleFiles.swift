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

    static let checks = ["cross.coordination", "redis.operation"]

    static func read(_ text: String) throws -> ScenarioFile {
        try ScenarioFile(text, path: "shop.yaml", checks: checks)
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
