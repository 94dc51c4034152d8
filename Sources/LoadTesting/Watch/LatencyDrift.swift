import Measurement

/// How latencies move over a run: the last third beside the first, as a plain value.
///
/// What is compared are the medians of slots of time, so that a moment in which everything was slow counts once and not with each of its operations, and
/// the interval is that of a ratio of medians of slots.
struct LatencyDrift: Sendable {
    /// With fewer slots in a third there is no telling.
    static let leastSlots = 10

    let target: Target
    let ratio: RatioEstimate
    /// Slots that were compared.
    let slots: Int

    /// Nil where the run was too short to tell.
    init?(_ target: Target, _ series: LatencySeries) {
        let slots = series.series.slots
        let third = slots.count / 3
        func medians(_ range: Range<Int>) -> [Double] {
            range.compactMap { slots[$0].count > 0 ? slots[$0].percentile(50) / .milliseconds(1) : nil }
                .filter { $0 > 0 }
        }
        let first = medians(0..<third), last = medians(slots.count - third..<slots.count)
        guard min(first.count, last.count) >= Self.leastSlots else { return nil }
        self.target = target
        self.slots = first.count + last.count
        ratio = RatioEstimate(subject: last, reference: first)
    }
}

extension CheckResult {
    /// The operation whose latencies grow most; nil where the run was too short to tell.
    static func latencyDrift(of series: [Target: LatencySeries]) -> CheckResult? {
        let drifts = series.compactMap { LatencyDrift($0.key, $0.value) }
        guard let worst = drifts.max(by: { ($0.ratio.median, $1.target.id) < ($1.ratio.median, $0.target.id) }) else {
            return nil
        }
        let operation = worst.target.id.split(separator: ".").last.map(String.init) ?? worst.target.id
        return CheckResult(.latencyDrift, worst.ratio, samples: worst.slots, limitedBy: operation)
    }
}
