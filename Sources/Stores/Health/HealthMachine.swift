import Foundation
import Pooling

/// One store's health as a value: what probes and pools show goes in, changes come out. It has no clock.
///
/// A failed probe degrades at once and only several in a row mean down, because one can be lost on a busy machine. A probe that works ends
/// down at once. Lesser troubles have to last before they count, and calm has to last before the store counts as healthy, so that the
/// state does not flicker.
struct HealthMachine: Sendable {
    /// How a probe ended.
    enum Probe: Sendable, Equatable {
        case worked(took: Duration)
        case failed(String)
        case unanswered(after: Duration)
    }

    let configuration: HealthConfiguration
    private(set) var health: StoreHealth
    private var failuresInARow = 0
    private var troublesInARow = 0
    private var calmInARow = 0
    private var before: [String: PoolCounters] = [:]

    init(_ store: StoreKind, configuration: HealthConfiguration, now: Date) {
        self.configuration = configuration
        health = StoreHealth(store: store, state: .healthy, since: now, reasons: [])
    }

    /// - Returns: the change; nil if state and kinds of reason stay the same.
    mutating func look(_ probe: Probe, _ pools: [NamedPoolStatus], now: Date) -> HealthChange? {
        var serious: [HealthReason] = []
        var lesser: [HealthReason] = []
        judge(probe, pools, serious: &serious, lesser: &lesser)
        for pool in pools { judge(pool, serious: &serious, lesser: &lesser) }
        before = Dictionary(pools.map { ($0.name, $0.status.counters) }) { $1 }

        troublesInARow = lesser.isEmpty ? 0 : troublesInARow + 1
        calmInARow = serious.isEmpty && lesser.isEmpty ? calmInARow + 1 : 0
        return settle(serious, lesser, now: now)
    }

    private mutating func settle(_ serious: [HealthReason], _ lesser: [HealthReason], now: Date) -> HealthChange? {
        let reasons = serious + lesser
        let state: HealthState
        let shown: [HealthReason]
        if failuresInARow >= configuration.failuresUntilDown {
            (state, shown) = (.down, reasons)
        } else if health.state == .down, failuresInARow == 0 {
            (state, shown) = (.degraded, reasons.isEmpty ? [Self.recovering] : reasons)
        } else if !serious.isEmpty || troublesInARow >= configuration.troublesUntilDegraded {
            (state, shown) = (.degraded, reasons)
        } else if health.state != .healthy, calmInARow < configuration.calmUntilHealthy {
            // The reasons stay that brought it here.
            (state, shown) = (health.state, reasons.isEmpty ? health.reasons : reasons)
        } else {
            (state, shown) = (.healthy, [])
        }
        return become(state, shown, now: now)
    }

    private mutating func become(_ state: HealthState, _ reasons: [HealthReason], now: Date) -> HealthChange? {
        let previous = health
        health.reasons = reasons
        if state != previous.state {
            health.state = state
            health.since = now
        }
        let isSame =
            state == previous.state && reasons.count == previous.reasons.count
            && zip(reasons, previous.reasons).allSatisfy { $0.isLike($1) }
        return isSame ? nil : HealthChange(health: health, previous: previous.state)
    }

    private static let recovering = HealthReason(kind: .recovering, pool: nil, detail: "the probe works again")

    // MARK: Judging

    private mutating func judge(
        _ probe: Probe, _ pools: [NamedPoolStatus], serious: inout [HealthReason], lesser: inout [HealthReason]
    ) {
        switch probe {
        case .worked(let took):
            failuresInARow = 0
            health.lastProbeSeconds = took / .seconds(1)
            if took >= configuration.slowProbe {
                lesser.append(HealthReason(kind: .slowProbe, pool: nil, detail: "it took \(took.rounded)"))
            }
        case .failed(let error):
            failuresInARow += 1
            serious.append(HealthReason(kind: .probeFailed, pool: nil, detail: "\(error) (\(failuresInARow) in a row)"))
        case .unanswered(let limit):
            // Without a free connection the probe says nothing of the store; if the store is what holds them up, connections fail next.
            if let full = pools.first(where: { $0.status.leased >= $0.status.maximum }) {
                let detail = "no connection was free for the probe within \(limit.rounded): \(full.status)"
                return serious.append(HealthReason(kind: .exhausted, pool: full.name, detail: detail))
            }
            failuresInARow += 1
            let detail = "no answer within \(limit.rounded) (\(failuresInARow) in a row)"
            serious.append(HealthReason(kind: .probeFailed, pool: nil, detail: detail))
        }
    }

    private func judge(_ pool: NamedPoolStatus, serious: inout [HealthReason], lesser: inout [HealthReason]) {
        let status = pool.status
        func reason(_ kind: HealthReason.Kind, _ detail: String) -> HealthReason {
            HealthReason(kind: kind, pool: pool.name, detail: detail)
        }
        if status.connectFailuresInARow >= configuration.connectFailures {
            let last = status.lastConnectFailure.map { ", the last: \($0)" } ?? ""
            serious.append(reason(.connectFailures, "\(status.connectFailuresInARow) in a row\(last)"))
        }
        // A pool that is new here has nothing to compare with.
        guard let before = before[pool.name] else { return }
        let now = status.counters
        if now.leaks > before.leaks {
            serious.append(reason(.heldTooLong, "\(now.leaks - before.leaks) more; the log says where it was acquired"))
        }
        if now.timedOut > before.timedOut {
            lesser.append(reason(.acquireTimeouts, "\(now.timedOut - before.timedOut) more"))
        }
        let ended = (now.waited + now.timedOut + now.cancelled) - (before.waited + before.timedOut + before.cancelled)
        let mean = ended > 0 ? (now.waitTime - before.waitTime) / ended : .zero
        if mean >= configuration.longWait {
            lesser.append(reason(.longWaits, "\(mean.rounded) on average, \(status.waiting) waiting"))
        } else if status.waiting > 0, status.leased >= status.maximum, now.acquired == before.acquired,
            !serious.contains(where: { $0.kind == .exhausted && $0.pool == pool.name })
        {
            lesser.append(reason(.exhausted, "\(status.waiting) waiting: \(status)"))
        }
    }
}

extension Duration {
    /// For people: whole milliseconds.
    var rounded: Duration { .milliseconds(Int((self / .milliseconds(1)).rounded())) }
}
