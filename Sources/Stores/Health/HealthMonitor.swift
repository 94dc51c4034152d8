import Logging

/// Probes each store in a loop of its own, so that a frozen one holds up nobody (P6).
struct HealthMonitor: Sendable {
    let stores: [any StorePools]
    let configuration: HealthConfiguration
    let broadcast: HealthBroadcast
    let logger: Logger

    /// Returns when the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask { await watch(store) }
            }
        }
    }

    private func watch(_ store: any StorePools) async {
        let probe = StoreProbe(store, limit: configuration.probeTimeout)
        while !Task.isCancelled {
            let next = ContinuousClock.now + configuration.interval * Double.random(in: 0.9...1.1)
            let (result, statuses) = await probe.run()
            // A probe that was cut off by the end of watching says nothing.
            if Task.isCancelled { return }
            note(broadcast.look(at: store.kind, result, statuses))
            try? await Task.sleep(until: next, clock: .continuous)
        }
    }

    private func note(_ change: HealthChange?) {
        guard let change else { return }
        let health = change.health
        let level: Logger.Level = health.state == .down ? .warning : .info
        logger.log(
            level: change.previous == health.state ? .debug : level, "a store's health has changed",
            metadata: [
                "store": "\(health.store.rawValue)", "state": "\(health.state.rawValue)",
                "before": "\(change.previous?.rawValue ?? "unknown")",
                "reasons": "\(health.reasons.map(\.description).joined(separator: "; "))",
            ])
    }
}
