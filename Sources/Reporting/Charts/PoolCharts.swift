import LoadTesting

/// What a pool held over time, and how long it let those wait who came to it.
struct PoolCharts {
    var pool: RunResult.PoolTimeline
    var faults: [FaultSpan] = []
    var endsNow = false

    /// The wait only where somebody waited for long enough to be seen.
    var charts: [Chart] { [occupancy] + (waits.map { [$0] } ?? []) }

    private var occupancy: Chart {
        func values(_ counts: [Int?]) -> [Double?] { counts.map { $0.map(Double.init) } }
        let waiting = pool.waiting.compactMap { $0 }.max() ?? 0, used = pool.inUse.compactMap { $0 }.max() ?? 0
        let open = pool.open.compactMap { $0 }.max() ?? 0
        // A limit that is far away would press everything else to the ground.
        let isLimitNear = pool.maximum <= 3 * max(open, waiting)
        return TimeChart(
            title: "Pool", subject: "\(pool.name), at most \(pool.maximum)", seconds: pool.seconds,
            series: [
                .init(name: "in use", kind: .first, values: values(pool.inUse), isFilled: true),
                .init(name: "open", kind: .third, values: values(pool.open)),
                .init(name: "waiting", kind: .second, values: values(pool.waiting)),
            ],
            limit: isLimitNear ? (Double(pool.maximum), "most") : nil, isWhole: true, faults: faults, endsNow: endsNow,
            summary: """
                At most \(used) of \(pool.maximum) connections were in use at one time, and \(waiting) tasks waited for one.
                """
        ).chart
    }

    private var waits: Chart? {
        guard let waits = pool.waits, let longest = waits.compactMap({ $0 }).max(), longest >= 0.05 else { return nil }
        return TimeChart(
            title: "Wait", subject: "for a connection of \(pool.name)", seconds: pool.seconds,
            series: [.init(name: "mean", kind: .first, values: waits, isFilled: true)],
            label: { Figure.duration(milliseconds: $0) }, faults: faults, endsNow: endsNow,
            summary: """
                Whoever got a connection had waited for it at most \(Figure.duration(milliseconds: longest)) on average of a moment.
                """
        ).chart
    }
}
