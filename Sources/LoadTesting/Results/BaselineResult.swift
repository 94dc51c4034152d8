import Measurement

extension RunResult {
    /// An earlier run that this one is drawn beside.
    package struct Baseline: Sendable, Codable, Hashable {
        package struct Check: Sendable, Codable, Hashable {
            package var id: String
            package var value: Double
            package var unit: String
            package var curve: [CheckResult.CurvePoint]?
        }

        /// Where it was read from.
        package var name: String
        package var profile: String
        package var started: String?
        package var version, commit: String?
        package var engines: EngineVersions
        package var machine: MachineDescription?
        package var checks: [Check]

        /// - Parameter name: where it was read from.
        package init(_ result: RunResult, name: String) {
            self.name = name
            profile = result.profile
            started = result.started
            version = result.version
            commit = result.commit
            engines = result.engines
            machine = result.machine
            checks = result.checks.map { Check(id: $0.id, value: $0.value, unit: $0.unit, curve: $0.curve) }
        }
    }

    /// In what the baseline differs, so that figures say less than shapes; nothing when it was measured as this run was.
    package var baselineDifferences: [String] {
        guard let baseline else { return [] }
        var differences: [String] = []
        if let own = machine, let other = baseline.machine, own != other { differences.append("another machine") }
        if engines != baseline.engines { differences.append("other versions of the engines") }
        if profile != baseline.profile { differences.append("another profile, \(baseline.profile)") }
        return differences
    }
}
