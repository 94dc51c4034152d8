import Foundation
import GRDB
import InMemoryTracing
import Stores
import Testing
import Tracing

@testable import Transactions

@Suite("What tracers see of transactions", .timeLimit(.minutes(2)))
struct TransactionObservationTests {
    private struct Broken: Error {}

    @Test("M6: a transaction is a span with its phases one after the other, and recovery is one")
    func spans() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await LiveStores.with { stores in
                tracer.clearAll()
                try await withRequestID("r-1") {
                    try await stores.coordinator.transaction { txn in
                        try await txn.sqlite { try $0.execute(sql: "INSERT INTO users VALUES (1, 'Ada')") }
                        try await txn.graph.execute("CREATE (:User {id: 1, name: 'Ada'})")
                        try await txn.redis.set("user:1", "Ada")
                    }
                }
                let spans = tracer.popFinishedSpans()
                let whole = try #require(spans.first { $0.operationName == "transaction" })
                let phases = spans.filter { $0.operationName.hasPrefix("transaction ") }
                #expect(
                    phases.map(\.operationName) == [
                        "transaction admission", "transaction body", "transaction group", "transaction decision",
                        "transaction graph", "transaction redis", "transaction acknowledge",
                    ])
                for phase in phases { #expect(phase.parentSpanID == whole.spanID) }
                for (one, next) in zip(phases, phases.dropFirst()) {
                    #expect(one.endInstant.nanosecondsSinceEpoch == next.startInstant.nanosecondsSinceEpoch)
                }
                #expect(whole.attributes.get("trivet.request.id") == .string("r-1"))
                #expect(whole.attributes.get("trivet.transaction.attempts") == .int64(1))
                #expect(whole.attributes.get("trivet.transaction.group.size") == .int64(1))
                #expect(whole.errors.isEmpty)

                do {
                    try await stores.coordinator.transaction { _ in throw Broken() }
                    Issue.record("it was committed")
                } catch is Broken {}
                let failed = try #require(tracer.popFinishedSpans().first { $0.operationName == "transaction" })
                #expect(failed.errors.count == 1)
            }
        }
    }

    /// Without closures, two of which Swift 6.3.1 takes for each other here.
    private func first(_ name: String, in spans: [FinishedInMemorySpan]) -> FinishedInMemorySpan? {
        for span in spans where span.operationName == name { return span }
        return nil
    }

    /// What was done in a store.
    private func statements(in spans: [FinishedInMemorySpan]) -> [FinishedInMemorySpan] {
        var statements: [FinishedInMemorySpan] = []
        for span in spans where text(span, "db.system.name") != nil { statements.append(span) }
        return statements
    }

    private func text(_ span: FinishedInMemorySpan, _ attribute: String) -> String? {
        guard case .string(let text)? = span.attributes.get(attribute) else { return nil }
        return text
    }

    @Test("M6: what a transaction does in each store is a span under it, in the order in which it was done")
    func statements() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await LiveStores.with { stores in
                tracer.clearAll()
                try await stores.coordinator.transaction { txn in
                    try await txn.addUser(1)
                    _ = try await txn.readSQLite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
                    try await txn.redis.increment("user:count")
                    _ = try await txn.redis.get("user:1")
                    do {
                        try await txn.sqlite { try $0.execute(sql: "INSERT INTO nowhere VALUES (1)") }
                    } catch is DatabaseError {}
                }
                let spans = tracer.popFinishedSpans()
                let whole = try #require(first("transaction", in: spans))
                let statements = statements(in: spans)
                let graph = try #require(stores.coordinator.graph?.database.engine.kind.rawValue)
                #expect(
                    statements.map(\.operationName) == [
                        "write sqlite", "execute \(graph)", "SET redis", "read sqlite", "INCRBY redis", "GET redis",
                        "write sqlite",
                    ])
                for statement in statements {
                    #expect(statement.parentSpanID == whole.spanID && statement.kind == .client)
                    let name = try #require(text(statement, "db.operation.name"))
                    let system = try #require(text(statement, "db.system.name"))
                    #expect(statement.operationName == "\(name) \(system)")
                }
                #expect(statements.map(\.errors.count) == [0, 0, 0, 0, 0, 0, 1])
                #expect(text(statements[6], "error.type") == "DatabaseError" && whole.errors.isEmpty)
            }
        }
    }

    @Test("M6: a wait for a lock is a span under the statement that needs the lock")
    func lockWait() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await LiveStores.with { stores in
                tracer.clearAll()
                let (locked, done) = (Event(), Event())
                async let holder: Void = stores.coordinator.transaction { txn in
                    try await txn.redis.set("user:1", 1)
                    locked.happen()
                    await done.wait()
                }
                await locked.wait()
                async let other: Void = stores.coordinator.transaction { txn in try await txn.redis.delete("user:1") }
                try await stores.coordinator.core.untilWaiting(1)
                done.happen()
                _ = try await (holder, other)
                let spans = tracer.popFinishedSpans()
                let wait = try #require(first("lock", in: spans))
                let delete = try #require(first("DEL redis", in: spans))
                #expect(wait.parentSpanID == delete.spanID)
            }
        }
    }

    @Test("M6: a snapshot is a span with its number, and its reads are spans under it")
    func snapshot() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await LiveStores.with { stores in
                try await stores.coordinator.transaction { txn in try await txn.addUser(1) }
                tracer.clearAll()
                try await stores.coordinator.snapshot { snapshot in
                    _ = try await snapshot.sqlite { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
                    _ = try await snapshot.graph("MATCH (u:User) RETURN u.name")
                    _ = try await snapshot.redis.get("user:1")
                }
                let spans = tracer.popFinishedSpans()
                let whole = try #require(first("snapshot", in: spans))
                #expect(text(whole, "trivet.snapshot.number") == "1")
                let graph = try #require(stores.coordinator.graph?.database.engine.kind.rawValue)
                let reads = statements(in: spans)
                #expect(reads.map(\.operationName) == ["read sqlite", "read \(graph)", "GET redis"])
                for read in reads { #expect(read.parentSpanID == whole.spanID && read.kind == .client) }
            }
        }
    }

    @Test("M6: opening a coordinator is a span that says what was done again")
    func recovery() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) { try await LiveStores.with { _ in } }
        let recovery = try #require(tracer.finishedSpans.first { $0.operationName == "recovery" })
        #expect(recovery.attributes.get("trivet.recovery.graph") == .int64(0))
    }

    @Test("The documentation has each metric of transactions with its kind, dimensions and meaning")
    func documentation() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appendingPathComponent("Documentation/observability.md"), encoding: .utf8)
        for metric in TransactionMetric.all {
            let dimensions = metric.dimensions.map { "`\($0)` " }.joined()
            #expect(
                text.contains("| `\(metric.name)` | \(metric.kind.rawValue) | \(dimensions)| \(metric.meaning) |"),
                "\(metric.name) is not as documented")
        }
    }
}
