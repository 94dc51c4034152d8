// snippet.hide
import Logging
import Trivet

struct Request: Sendable {
    var headers: [String: String] = [:]
}

struct User: Sendable {}

func signUp(_ user: User) async throws {}

func answer(_ request: Request, _ user: User) async throws {
    // snippet.show
    LoggingSystem.bootstrap(StreamLogHandler.standardOutput, metadataProvider: .requestID)

    try await withRequestID(request.headers["x-request-id"]) { try await signUp(user) }
    // snippet.hide
}
