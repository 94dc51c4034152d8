import Stores
import Tracing

/// Spans of what is done within a transaction or a snapshot, for the tracer that the application chose (M6). Where nobody traces, each costs one
/// look.
enum StatementSpan {
    /// Runs a statement as a span under the transaction's, its wait for locks included.
    ///
    /// - Parameters:
    ///   - system: the store, as OpenTelemetry calls it.
    ///   - name: what is done there. Statements' texts and values are in no span.
    static func of<Value: Sendable>(
        _ system: @autoclosure () -> String, _ name: @autoclosure () -> String, _ body: () async throws -> Value
    ) async throws -> Value {
        guard StoreTracing.isOn else { return try await body() }
        let (system, name) = (system(), name())
        return try await withSpan("\(name) \(system)", ofKind: .client) { span in
            span.attributes["db.system.name"] = system
            span.attributes["db.operation.name"] = name
            if let request = span.context.requestID { span.attributes["trivet.request.id"] = request }
            do {
                return try await body()
            } catch {
                span.attributes["error.type"] = "\(type(of: error))"
                span.setStatus(SpanStatus(code: .error, message: "\(error)"))
                throw error
            }
        }
    }

    /// The wait for a lock, under the statement that needs it; nil where nobody traces. To be ended.
    static func lockWait() -> (any Span)? {
        StoreTracing.isOn ? startSpan("lock", ofKind: .internal) : nil
    }
}

extension CoordinatorCore {
    /// What the graph is, for those who trace.
    nonisolated var graphSystem: String { (participants.graph as? KuzuParticipant)?.system ?? "graph" }
}

extension CacheQuery {
    /// The command that would ask Redis the same.
    var tracedName: String {
        switch self {
        case .type: "TYPE"
        case .string: "GET"
        case .exists: "EXISTS"
        case .expiry: "PEXPIRETIME"
        case .field: "HGET"
        case .fields: "HGETALL"
        case .isMember: "SISMEMBER"
        case .members: "SMEMBERS"
        case .score: "ZSCORE"
        case .ranking: "ZRANGE"
        }
    }
}

extension CacheEffect {
    /// The command that would do the same to Redis.
    var tracedName: String {
        switch self {
        case .set: "SET"
        case .delete: "DEL"
        case .setFields: "HSET"
        case .removeFields: "HDEL"
        case .addMembers: "SADD"
        case .removeMembers: "SREM"
        case .setScores: "ZADD"
        case .removeScored: "ZREM"
        case .expire(let moment): moment == nil ? "PERSIST" : "PEXPIREAT"
        }
    }
}
