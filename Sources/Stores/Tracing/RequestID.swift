import Foundation
public import Logging
public import Tracing

/// The request on whose behalf a task works: in its log lines, and in its spans (M6).
///
/// ```swift
/// LoggingSystem.bootstrap(StreamLogHandler.standardOutput, metadataProvider: .requestID)
/// …
/// try await withRequestID(request.headers["x-request-id"]) { try await signUp(user) }
/// ```
///
/// Whatever the closure calls, and the tasks that it makes, see it. Work on threads of the stores' own, such as a body of SQLite's, does not.
public func withRequestID<Value>(
    _ id: String? = nil, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
) async rethrows -> Value {
    var context = InstrumentationContext.current ?? .topLevel
    context.requestID = id ?? UUID().uuidString
    return try await InstrumentationContext.withValue(context, operation: body)
}

private enum RequestIDKey: InstrumentationContextKey {
    typealias Value = String
    static let nameOverride: String? = "request.id"
}

extension InstrumentationContext {
    /// The request on whose behalf a task works; nil for none.
    public var requestID: String? {
        get { self[RequestIDKey.self] }
        set { self[RequestIDKey.self] = newValue }
    }
}

extension Logger.MetadataProvider {
    /// Adds `request.id` to whatever is logged on behalf of a request.
    public static let requestID = Logger.MetadataProvider {
        InstrumentationContext.current?.requestID.map { ["request.id": "\($0)"] } ?? [:]
    }
}
