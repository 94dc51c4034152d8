/// The engine's results beside those of the recomputation.
struct ReportComparison: Sendable {
    private(set) var compared = 0
    private(set) var same = 0
    /// The first of what differs, in words.
    private(set) var differences: [String] = []

    mutating func expect(_ what: @autoclosure () -> String, _ isSame: Bool, _ found: Any?, _ truth: Any) {
        compared += 1
        if isSame {
            same += 1
        } else if differences.count < 5 {
            differences.append("\(what()) is \(found.map { "\($0)" } ?? "nothing") and should be \(truth)")
        }
    }

    private mutating func expect<Value: Equatable>(
        _ what: @autoclosure () -> String, _ found: Value, _ truth: Value
    ) {
        expect(what(), found == truth, found, truth)
    }

    /// Users are estimated within an error that two of three estimates don't exceed: five times that is one chance in millions.
    private mutating func expectUsers(_ what: String, _ found: Int, _ error: Double, _ truth: Int) {
        expect(what, Double(abs(found - truth)) <= 5 * error * Double(truth), found, truth)
    }

    /// Counts may be too high by their errors; where there are none, the order is that of the counts.
    private mutating func expectTop(
        _ what: String, _ found: [AnalyticsReport.Top], _ truth: [(item: Int, count: Int)]
    ) {
        let counts = Dictionary(uniqueKeysWithValues: truth.map { ($0.item, $0.count) })
        let isExact = found.allSatisfy { $0.error == 0 }
        let isSame =
            isExact
            ? found.map { [$0.item, $0.count] } == truth.prefix(found.count).map { [$0.item, $0.count] }
            : found.allSatisfy { top in
                let count = counts[top.item] ?? 0
                return top.count - top.error <= count && count <= top.count
            }
        expect(what, isSame, found.map { "\($0.item): \($0.count)" }, truth.prefix(found.count).map { "\($0)" })
    }

    /// - Parameter found: nil where there is none.
    mutating func add(_ name: String, _ found: AnalyticsReport.Window?, _ truth: AnalyticsRecomputation.Window) {
        guard let found else {
            expect("the cached \(name)", false, nil, "\(truth.events) events")
            return
        }
        expect("\(name): events", found.events, truth.events)
        expect("\(name): kinds", found.kinds, truth.kinds)
        expectUsers("\(name): users", found.users, found.usersError, truth.users)
        expectTop("\(name): top items", found.top, truth.items)
        expect("\(name): time spent", abs(found.spent - truth.spent) < 0.01, found.spent, truth.spent)
        // Within what a compact histogram promises.
        expect("\(name): p50", truth.p50.holds(found.p50, within: 0.032), found.p50, truth.p50)
        expect("\(name): p99", truth.p99.holds(found.p99, within: 0.032), found.p99, truth.p99)
    }

    /// - Parameter found: nil where there is none.
    mutating func add(_ found: AnalyticsReport.Totals?, _ truth: AnalyticsRecomputation.Totals, through: Int) {
        let name = "the total", window = truth.window
        guard let found else {
            expect("the cached total", false, nil, "\(window.events) events")
            return
        }
        expect("\(name): last action", found.through, through)
        expect("\(name): events", found.events, window.events)
        expect("\(name): events too late", found.late, truth.late)
        expect("\(name): events out of order", found.outOfOrder, truth.outOfOrder)
        expect("\(name): kinds", found.kinds, window.kinds)
        expectUsers("\(name): users", found.users, found.usersError, window.users)
        expectTop("\(name): top items", found.top, window.items)
        expect("\(name): time spent", abs(found.spent - window.spent) < 0.01, found.spent, window.spent)
        for (percent, value, rank) in [
            (50, found.p50, window.p50), (90, found.p90, truth.p90), (99, found.p99, window.p99),
        ] {
            // Within what HdrHistogram promises.
            expect("\(name): p\(percent)", rank.holds(value, within: 0.001), value, rank)
        }
        expect("\(name): sessions", found.sessions, truth.sessions)
        expect("\(name): events in sessions", found.sessionEvents, truth.sessionEvents)
        expect("\(name): time in sessions", found.sessionTime, truth.sessionTime)
    }
}
