import Foundation
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
                        "transaction admission", "transaction body", "transaction decision", "transaction graph",
                        "transaction redis",
                    ])
                for phase in phases { #expect(phase.parentSpanID == whole.spanID) }
                for (one, next) in zip(phases, phases.dropFirst()) {
                    #expect(one.endInstant.nanosecondsSinceEpoch == next.startInstant.nanosecondsSinceEpoch)
                }
                #expect(whole.attributes.get("trivet.request.id") == .string("r-1"))
                #expect(whole.attributes.get("trivet.transaction.attempts") == .int64(1))
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
