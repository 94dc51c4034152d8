/// The scenarios that this version has.
package enum ScenarioCatalog {
    /// One scenario as a profile runs it.
    struct Entry: Sendable {
        var scenario: any Scenario
        /// The length of its steady state in the profiles quick and full.
        var quick: Duration
        var full: Duration
        /// The time before it in the profile quick; nil for the usual one.
        var warmUp: Duration?
        /// Users in both; with a rate, the most operations of a stream that are under way at one time.
        var users: Int
        /// Operations a second that come at any rate; nil for users that wait for their answers.
        var rate: Double?

        var id: String { scenario.id }

        /// A scenario of a file, with its stages.
        init(file name: String, judgesDrift: Bool = false) {
            var scenario = BuiltInFiles.scenario(name)
            scenario.judgesDrift = judgesDrift
            self.init(scenario: scenario, quick: .zero, full: .zero, users: 0)
        }

        init(
            scenario: any Scenario, quick: Duration, full: Duration, warmUp: Duration? = nil, users: Int,
            rate: Double? = nil
        ) {
            self.scenario = scenario
            self.quick = quick
            self.full = full
            self.warmUp = warmUp
            self.users = users
            self.rate = rate
        }

        /// What a profile runs: a file has a short form.
        func scenario(in profile: String) -> any Scenario {
            guard var file = scenario as? FileScenario else { return scenario }
            file.isQuick = profile != "full"
            return file
        }
    }

    static let all: [Entry] = [
        Entry(scenario: PoolLifecycle(), quick: .seconds(1), full: .seconds(30), users: 8),
        Entry(scenario: UserJourney(), quick: .seconds(10), full: .seconds(120), users: 4),
        Entry(scenario: DatabaseStress(), quick: .seconds(4), full: .seconds(300), users: 50),
        Entry(file: "cross-database"),
        Entry(file: "cache-sync"),
        Entry(
            scenario: UserAnalytics(), quick: .seconds(3.3), full: .seconds(300), warmUp: .milliseconds(500), users: 64,
            rate: UserAnalytics().rate),
        Entry(
            scenario: LiveDashboard(), quick: .seconds(3.3), full: .seconds(300), warmUp: .milliseconds(500), users: 64,
            rate: LiveDashboard().rate),
        Entry(file: "sustained", judgesDrift: true),
        Entry(scenario: Rollback(), quick: .seconds(3), full: .seconds(60), users: 8),
        Entry(file: "recovery"),
        Entry(file: "worker"),
    ]

    /// The names, in the order in which a profile runs them.
    package static var names: [String] { all.map(\.id) }

    /// Names with what each does, for the help.
    package static var summaries: [(name: String, summary: String)] {
        all.map { ($0.id, $0.scenario.summary) }
    }

    /// Those that a profile or a scenario's name stands for; nil if it is neither.
    static func entries(_ profile: String) -> [Entry]? {
        if profile == "quick" || profile == "full" { return all }
        let named = all.filter { $0.id == profile }
        return named.isEmpty ? nil : named
    }

    /// The plan of a scenario in a profile, with what the user has changed.
    static func plan(_ entry: Entry, profile: String, base: LoadPlan) -> LoadPlan {
        if let file = entry.scenario(in: profile) as? FileScenario { return file.plan(base) }
        var plan = base
        plan.steady = base.requestedSteady ?? (profile == "full" ? entry.full : entry.quick)
        if profile != "full", let warmUp = entry.warmUp { plan.warmUp = min(plan.warmUp, warmUp) }
        plan.users = base.requestedUsers ?? entry.users
        plan.rate = entry.rate
        return plan
    }
}
