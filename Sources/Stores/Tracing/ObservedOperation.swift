import Pooling
import Tracing

/// An operation on a store, for those who want to know of it: its span for the tracer that the application chose (M6), its duration for the pool's metrics (M2).
///
/// Names are those of OpenTelemetry's semantic conventions for database clients. Where nobody wants to know, it costs two looks at who might.
package struct ObservedOperation: Sendable {
    private let system: String
    private let name: String
    private let observer: (any PoolObserver)?
    private let span: (any Span)?
    private let began: PoolInstant

    /// Begins one.
    ///
    /// - Parameter began: when it began; nil for now.
    /// - Returns: nil when nobody wants to know.
    package init?(
        _ system: String, _ name: String, pool: String, observer: (any PoolObserver)?, since began: PoolInstant? = nil
    ) {
        let isTraced = StoreTracing.isOn
        guard isTraced || observer != nil else { return nil }
        self.system = system
        self.name = name
        self.observer = observer
        span = isTraced ? Self.span(system, name, pool: pool) : nil
        self.began = began ?? .preciseNow()
    }

    private static func span(_ system: String, _ name: String, pool: String) -> any Span {
        let span = startSpan("\(name) \(system)", ofKind: .client)
        span.attributes["db.system.name"] = system
        span.attributes["db.operation.name"] = name
        span.attributes["db.client.connection.pool.name"] = pool
        if let request = span.context.requestID { span.attributes["trivet.request.id"] = request }
        return span
    }

    /// It has its connection: what went by until now was waiting for it.
    package func acquired() {
        guard let span else { return }
        let now = DefaultTracerClock.now
        let waited = UInt64(max(0, PoolInstant.preciseNow().since(began).nanoseconds))
        let start = StoreTracing.Instant(nanosecondsSinceEpoch: now.nanosecondsSinceEpoch - waited)
        startSpan("acquire", context: span.context, at: start).end(at: now)
    }

    /// It has ended.
    package func end(_ error: (any Error)? = nil) {
        observer?.record(
            .operation(
                PoolOperation(
                    system: system, name: name, duration: PoolInstant.preciseNow().since(began).duration, error: error))
        )
        guard let span else { return }
        if let error {
            span.attributes["error.type"] = "\(type(of: error))"
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: "\(error)"))
        }
        span.end()
    }
}

extension ObservedOperation {
    /// Runs an operation that makes its own way to a connection, observed by who wants to know.
    ///
    /// - Throws: what it throws.
    static func run<Value: Sendable, Failure: Error>(
        _ system: String, _ name: String, pool: String, observer: (any PoolObserver)?,
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let operation = ObservedOperation(system, name, pool: pool, observer: observer) else {
            return try await body()
        }
        do throws(Failure) {
            let value = try await body()
            operation.end()
            return value
        } catch {
            operation.end(error)
            throw error
        }
    }
}

extension ConnectionPool {
    /// Lends a connection for an operation on this pool's store, observed by who wants to know.
    ///
    /// - Throws: as `withConnection`.
    func observed<Value: Sendable>(
        _ system: String, _ name: String, timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation,
        file: StaticString, line: UInt, _ body: (Connection) async throws -> sending Value
    ) async throws -> Value {
        guard StoreTracing.isOn,
            let operation = ObservedOperation(system, name, pool: self.name, observer: observer)
        else {
            return try await operate(
                system, name, timeout: timeout, isolation: isolation, file: file, line: line, body)
        }
        do {
            let value = try await withConnection(timeout: timeout, isolation: isolation, file: file, line: line) {
                connection in
                operation.acquired()
                return try await body(connection)
            }
            operation.end()
            return value
        } catch {
            operation.end(error)
            throw error
        }
    }
}
