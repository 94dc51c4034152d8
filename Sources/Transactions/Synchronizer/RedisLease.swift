import Foundation
import NIOCore
import RedisClient

/// The right to fill a key, which ends as soon as a decided transaction changes the key (Nishtala and others, "Scaling
/// Memcache at Facebook", NSDI 2013).
///
/// It is a key of Redis, `trivet:lease:{key}`; the function that applies transactions deletes it.
struct RedisLease: Sendable {
    let participant: RedisParticipant
    let key: CacheKey
    private let token = UUID().uuidString

    init(_ participant: RedisParticipant, of key: CacheKey) {
        self.participant = participant
        self.key = key
    }

    /// - Returns: false while somebody else has it.
    func take(for duration: Duration) async throws -> Bool {
        let milliseconds = max(1, Int(duration / .milliseconds(1)))
        return try await call("trivet_lease", [.string(token), .integer(milliseconds)])
    }

    /// Gives the lease back, and sets the key if it was still held.
    ///
    /// - Parameter value: nil to set nothing.
    /// - Returns: false if the key was changed meanwhile, or the lease ran out.
    @discardableResult
    func end(_ value: Bytes?, expiresAt: Int64?) async throws -> Bool {
        var arguments: [RedisArgument] = [.string(token)]
        if let value {
            arguments += [.bytes(ByteBuffer(bytes: value)), .string(expiresAt.map(String.init) ?? "")]
        }
        return try await call("trivet_fill", arguments)
    }

    private func call(_ function: String, _ arguments: [RedisArgument]) async throws -> Bool {
        let all: [RedisArgument] = [.string(function), .integer(1), .bytes(ByteBuffer(bytes: key.bytes))] + arguments
        let reply = try await participant.withFunctions {
            try await participant.redis.send(RedisCommand("FCALL", arguments: all))
        }
        return try reply.decode(as: Int.self) == 1
    }
}
