import NIOCore
import RedisClient

/// A client of Redis that sees the keys of followed tables change.
///
/// Redis tells it which keys have changed (client tracking by prefix), and it reads these: one pipeline for each message,
/// which is one for each step of the synchronizer's. So it asks as often as there is something to see, and measures no
/// interval of its own: what it adds to a lag is the way of the message and of the read.
struct LagObserver: Sendable {
    let redis: RedisAccess
    let tables: [FollowedTable]
    let meter: LagMeter

    /// Looks until the task is cancelled. A connection that is lost is replaced, and what may have been missed is read.
    ///
    /// - Parameter whenReady: called when changes are seen from now on, for the first time and after each loss.
    func run(whenReady: @Sendable () -> Void) async {
        while !Task.isCancelled {
            do {
                try await RedisConnection.withConnection(to: redis.endpoint, configuration: redis.configuration) {
                    connection in
                    try await connection.withTracking(.prefixes(prefixes)) { invalidations in
                        whenReady()
                        try await look(at: meter.unseenKeys, through: connection)
                        for try await invalidation in invalidations {
                            let told = meter.now
                            try await look(at: keys(in: invalidation), through: connection, told: told)
                        }
                    }
                }
            } catch {
                // The next one may find older data.
                meter.forgetSightings()
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Redis refuses prefixes of which one begins with another; none stands for all keys.
    private var prefixes: [String] {
        let all = Set(tables.map(\.prefix))
        guard !all.contains("") else { return [] }
        return all.filter { prefix in !all.contains { $0 != prefix && prefix.hasPrefix($0) } }.sorted()
    }

    private func keys(in invalidation: RedisInvalidation) -> [String] {
        switch invalidation {
        case .keys(let keys): keys.map { String(buffer: $0) }
        // Messages were lost: whatever is waited for may have come.
        case .all: meter.unseenKeys
        }
    }

    private func look(at keys: [String], through connection: RedisConnection, told: Duration? = nil) async throws {
        let known = keys.compactMap { key in
            tables.first { $0.definition.version != nil && $0.owns(key) }.map { (key: key, table: $0) }
        }
        guard !known.isEmpty else { return }
        let told = told ?? meter.now
        let answers = await connection.pipeline(known.map { $0.table.query($0.key) })
        let read = meter.now
        for (one, answer) in zip(known, answers) {
            meter.see(one.key, .init(version: try one.table.version(in: answer.get()), told: told, read: read))
        }
    }
}
