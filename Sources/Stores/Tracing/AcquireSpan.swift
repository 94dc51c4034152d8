import Pooling
import Tracing

extension StoreTracing {
    /// Runs the acquire of a connection that is lent for a scope, in a span under the caller's: no operation is known that it would be for.
    ///
    /// - Throws: what it throws, which stands in the span.
    static func acquire<Lease: Sendable>(
        _ system: String, pool: String, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Lease
    ) async throws -> Lease {
        guard isOn else { return try await body() }
        return try await withSpan("acquire", ofKind: .internal) { span in
            span.attributes["db.system.name"] = system
            span.attributes["db.client.connection.pool.name"] = pool
            if let request = span.context.requestID { span.attributes["trivet.request.id"] = request }
            return try await body()
        }
    }
}

extension ConnectionPool {
    /// Lends a connection for a scope, with a span of the wait for who wants to know.
    ///
    /// - Throws: as `withConnection`.
    func lend<Value>(
        _ system: String, timeout: Duration?, isolation: isolated (any Actor)? = #isolation, file: StaticString,
        line: UInt, _ body: (Connection) async throws -> sending Value
    ) async throws -> sending Value {
        guard StoreTracing.isOn else {
            return try await withConnection(timeout: timeout, isolation: isolation, file: file, line: line, body)
        }
        let lease = try await StoreTracing.acquire(system, pool: name) {
            try await acquire(timeout: timeout, isScoped: true, file: file, line: line)
        }
        let value: Value
        do {
            value = try await body(lease.connection)
        } catch {
            throw release(lease, after: error)
        }
        release(lease)
        return value
    }
}
