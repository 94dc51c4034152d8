import GRDB
import InMemoryTracing
import Logging
import Pooling
import Stores
import Synchronization
import Testing
import Tracing
import TrivetTesting

@Suite("Spans of what stores do, and the request on whose behalf they do it", .timeLimit(.minutes(2)))
struct SpanTests {
    private func text(_ span: FinishedInMemorySpan, _ attribute: String) -> String? {
        guard case .string(let text)? = span.attributes.get(attribute) else { return nil }
        return text
    }

    @Test(
        "M6: a read of SQLite is a span under the caller's, with the wait for its connection under it", .sqliteDatabase)
    func sqlite() async throws {
        let pool = try SQLitePool.current
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await withSpan("caller") { _ in _ = try await pool.read { try Int.fetchOne($0, sql: "SELECT 1") } }
        }
        let spans = tracer.finishedSpans
        let caller = try #require(spans.first { $0.operationName == "caller" })
        let read = try #require(spans.first { $0.operationName == "read sqlite" })
        let acquire = try #require(spans.first { $0.operationName == "acquire" })
        #expect(spans.count == 3)
        #expect(read.parentSpanID == caller.spanID && acquire.parentSpanID == read.spanID)
        #expect(read.kind == .client && text(read, "db.system.name") == "sqlite")
        #expect(text(read, "db.operation.name") == "read")
        #expect(text(read, "db.client.connection.pool.name") == "sqlite.readers")
        #expect(acquire.startInstant.nanosecondsSinceEpoch <= acquire.endInstant.nanosecondsSinceEpoch)
    }

    @Test("M6: a connection lent for a scope has a span of the wait for it under the caller's", .redisServer)
    func scopes() async throws {
        let tracer = InMemoryTracer()
        try await RedisPool.withPool(to: RedisServer.current.endpoint) { redis in
            try await withTracer(tracer) {
                try await withSpan("caller") { _ in
                    _ = try await redis.withConnection { try await $0.get("key", as: String.self) }
                }
            }
        }
        let caller = try #require(tracer.finishedSpans.first { $0.operationName == "caller" })
        let acquire = try #require(tracer.finishedSpans.first { $0.operationName == "acquire" })
        #expect(tracer.finishedSpans.count == 2 && acquire.parentSpanID == caller.spanID)
        #expect(text(acquire, "db.system.name") == "redis")
        #expect(text(acquire, "db.client.connection.pool.name") == "redis")
        // It is over when the connection is there, not when it is given back.
        #expect(acquire.endInstant.nanosecondsSinceEpoch <= caller.endInstant.nanosecondsSinceEpoch)
    }

    @Test("M6: a writer that can't be had stands in the span of the wait for it", .sqliteDatabase)
    func scopeFailure() async throws {
        let pool = try SQLitePool.current
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await pool.withWriter { _ in
                do {
                    try await pool.withWriter(timeout: .zero) { _ in }
                    Issue.record("there are two writers")
                } catch is PoolError {}
            }
        }
        let acquires = tracer.finishedSpans.filter { $0.operationName == "acquire" }
        #expect(acquires.map(\.errors.count) == [0, 1])
        #expect(acquires.allSatisfy { text($0, "db.client.connection.pool.name") == "sqlite.writer" })
    }

    @Test("M6: a failure stands in its span", .sqliteDatabase)
    func failure() async throws {
        let pool = try SQLitePool.current
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            do {
                try await pool.write { try $0.execute(sql: "INSERT INTO nowhere VALUES (1)") }
                Issue.record("it was written")
            } catch is DatabaseError {}
        }
        let write = try #require(tracer.finishedSpans.first { $0.operationName == "write sqlite" })
        #expect(text(write, "error.type") == "DatabaseError" && write.errors.count == 1)
        #expect(write.status?.code == .error)
    }

    @Test("M6: commands of Redis and pipelines are spans with the commands' names", .redisServer)
    func redis() async throws {
        let tracer = InMemoryTracer()
        try await RedisPool.withPool(to: RedisServer.current.endpoint) { redis in
            try await withTracer(tracer) {
                try await redis.set("key", 1)
                _ = await redis.pipeline { $0.append("GET", "key") }
                _ = try await redis.transaction { $0.append("GET", "key") }
            }
        }
        #expect(tracer.finishedSpans.map(\.operationName) == ["SET redis", "PIPELINE redis", "MULTI redis"])
    }

    @Test("M6: whatever is done and logged for a request has its number", .sqliteDatabase)
    func request() async throws {
        let pool = try SQLitePool.current
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            try await withRequestID("r-17") {
                #expect(Logger.MetadataProvider.requestID.get() == ["request.id": "r-17"])
                _ = try await pool.read { try Int.fetchOne($0, sql: "SELECT 1") }
                // Also in tasks that are made here.
                try await Task { _ = try await pool.read { try Int.fetchOne($0, sql: "SELECT 1") } }.value
            }
            await withRequestID { #expect(InstrumentationContext.current?.requestID?.isEmpty == false) }
            _ = try await pool.read { try Int.fetchOne($0, sql: "SELECT 1") }
        }
        #expect(Logger.MetadataProvider.requestID.get().isEmpty)
        let reads = tracer.finishedSpans.filter { $0.operationName == "read sqlite" }
        #expect(reads.map { text($0, "trivet.request.id") } == ["r-17", "r-17", nil])
    }

    @Test("M2: an operation's duration is told to the pool's observer, with its error", .sqliteDatabase)
    func observed() async throws {
        let seen = Mutex<[String]>([])
        struct Observer: PoolObserver {
            let tell: @Sendable (String) -> Void
            func record(_ event: PoolEvent) {
                guard case .operation(let operation) = event else { return }
                let error = operation.error.map { " \(type(of: $0))" } ?? ""
                if operation.duration > .zero { tell("\(operation.system) \(operation.name)\(error)") }
            }
        }
        try await TemporaryDirectory.withDirectory { folder in
            let pool = try await SQLitePool.open(
                at: folder.path(of: "a.sqlite"),
                observers: { _ in Observer { text in seen.withLock { $0.append(text) } } })
            try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER)") }
            do { _ = try await pool.read { try Int.fetchOne($0, sql: "SELECT x FROM t") } } catch is DatabaseError {}
            await pool.shutdown(within: .seconds(5))
        }
        #expect(seen.withLock { $0 } == ["sqlite write", "sqlite read DatabaseError"])
    }
}
