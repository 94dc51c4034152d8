import NIOCore
import RedisClient

/// A client of Redis that sees the keys of products change.
///
/// Redis tells it which keys have changed (client tracking by prefix), and it reads these: one MGET for each message,
/// which is one for each step of the synchronizer's. So it asks as often as there is something to see, and measures no
/// interval of its own: what it adds to a lag is the way of the message and of the read.
struct LagObserver: Sendable {
    let endpoint: RedisEndpoint
    let meter: LagMeter

    /// Looks until the task is cancelled. A connection that is lost is replaced, and what may have been missed is read.
    ///
    /// - Parameter whenReady: called when changes are seen from now on, for the first time and after each loss.
    func run(whenReady: @Sendable () -> Void) async {
        while !Task.isCancelled {
            do {
                try await RedisConnection.withConnection(to: endpoint) { connection in
                    try await connection.withTracking(.prefixes([Products.keyPrefix])) { invalidations in
                        whenReady()
                        try await look(at: meter.unseenKeys, through: connection)
                        for try await invalidation in invalidations {
                            let told = meter.now
                            try await look(at: ids(in: invalidation), through: connection, told: told)
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

    private func ids(in invalidation: RedisInvalidation) -> [Int] {
        switch invalidation {
        case .keys(let keys): keys.compactMap { Products.id(inKey: String(buffer: $0)) }
        // Messages were lost: whatever is waited for may have come.
        case .all: meter.unseenKeys
        }
    }

    private func look(at ids: [Int], through connection: RedisConnection, told: Duration? = nil) async throws {
        guard !ids.isEmpty else { return }
        let told = told ?? meter.now
        let values = try await connection.mget(ids.map(Products.key))
        let read = meter.now
        for (id, value) in zip(ids, values) {
            meter.see(id, .init(version: try value.map(Products.version), told: told, read: read))
        }
    }
}
