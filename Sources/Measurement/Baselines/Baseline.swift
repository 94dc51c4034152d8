import Foundation

/// What was measured once, kept to be compared with what is measured later (M4).
package struct Baseline: Sendable, Hashable, Codable {
    /// The form of the document; another one can't be read.
    package static let schema = 1

    package var schema = Baseline.schema
    /// What it is saved as.
    package var name: String
    /// When it was measured.
    package var created: Date
    /// What was measured, such as a commit's number; nil when it isn't known.
    package var commit: String?
    /// Where it was measured.
    package var machine: MachineDescription
    /// The versions of the engines by name.
    package var engines: [String: String]
    /// Each with an id of its own.
    package var metrics: [Metric]

    /// One figure, measured several times in each of one or more runs.
    ///
    /// Runs are kept apart because the repetitions of one have more in common than those of two: where the process's memory lies, what else the machine
    /// does, which plan an engine chose.
    package struct Metric: Sendable, Hashable, Codable {
        /// Which of two values is the better one.
        package enum Better: String, Sendable, Hashable, Codable {
            case lower, higher
        }

        package var id: String
        package var unit: String
        package var better: Better
        /// All repetitions of each run in their order, each finite.
        package var runs: [[Double]]

        /// A metric of one run.
        package init(id: String, unit: String, better: Better, samples: [Double]) {
            self.id = id
            self.unit = unit
            self.better = better
            runs = [samples]
        }

        /// The repetitions of all runs.
        var samples: [Double] { runs.flatMap(\.self) }

        /// The median of the runs' medians, so that each run counts the same.
        var median: Double { runs.map(\.median).median }
    }

    package init(
        name: String, created: Date = Date(), commit: String? = nil, machine: MachineDescription = .current,
        engines: [String: String], metrics: [Metric]
    ) {
        self.name = name
        // As exact as it is saved.
        self.created = Date(timeIntervalSince1970: created.timeIntervalSince1970.rounded(.down))
        self.commit = commit
        self.machine = machine
        self.engines = engines
        self.metrics = metrics
    }

    /// The same with the runs of another added, which has to be of the same code, machine and engines.
    ///
    /// With several runs a baseline knows by how much they differ, which one run can't tell.
    ///
    /// - Throws: `BaselineError` that names what is different.
    package func adding(_ other: Baseline) throws -> Baseline {
        var differences = conditions(differentIn: other)
        if let commit, let theirs = other.commit, commit != theirs {
            differences.append("commit: \(commit) and \(theirs)")
        }
        for metric in metrics {
            guard let theirs = other.metrics.first(where: { $0.id == metric.id }), !metric.isLike(theirs) else {
                continue
            }
            differences.append("the metric \(metric.id)")
        }
        guard differences.isEmpty else {
            throw BaselineError(
                .notComparable, "the run can't be added to the baseline \(name): \(differences.joined(separator: "; "))"
            )
        }
        var sum = self
        for metric in other.metrics {
            if let index = sum.metrics.firstIndex(where: { $0.id == metric.id }) {
                sum.metrics[index].runs += metric.runs
            } else {
                sum.metrics.append(metric)
            }
        }
        return sum
    }

    /// What of machine and engines is different in another, in words.
    func conditions(differentIn other: Baseline) -> [String] {
        let names = Set(engines.keys).union(other.engines.keys).sorted()
        return machine.differences(to: other.machine)
            + names.filter { engines[$0] != other.engines[$0] }
            .map { "\($0): \(engines[$0] ?? "none") and \(other.engines[$0] ?? "none")" }
    }

    /// What forbids to use the document although its form is right; empty when nothing does.
    var defects: [String] {
        var defects: [String] = []
        for (id, group) in Dictionary(grouping: metrics, by: \.id).sorted(by: { $0.key < $1.key }) where group.count > 1
        {
            defects.append("the metric \(id) is there \(group.count) times")
        }
        for metric in metrics {
            if metric.runs.isEmpty || metric.runs.contains(where: \.isEmpty) {
                defects.append("the metric \(metric.id) has a run without samples")
            }
            if !metric.samples.allSatisfy(\.isFinite) {
                defects.append("the metric \(metric.id) has samples that are no numbers")
            }
        }
        return defects
    }
}

extension Baseline.Metric {
    /// Whether both have values of the same kind.
    func isLike(_ other: Baseline.Metric) -> Bool { unit == other.unit && better == other.better }

    /// By how much a repetition usually differs from its run's median, as a part of it.
    var noiseWithinRuns: Double { runs.flatMap { run in run.map { $0 / run.median } }.medianDeviation }

    /// By how much a run of the same code usually differs from these together, as a part: the standard deviation of the runs' medians, corrected for
    /// being of few (c4; see Bolch, The American Statistician 1968). Nil of one run.
    var noiseBetweenRuns: Double? {
        guard runs.count > 1 else { return nil }
        let medians = runs.map(\.median)
        let n = Double(runs.count), mean = medians.reduce(0, +) / n
        let variance = medians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
        // The mean of the deviations of n normal values is less than theirs by about a part of 4 (n − 1) / (4 n − 3).
        let bias = 4 * (n - 1) / (4 * n - 3)
        return (variance * (1 + 1 / n)).squareRoot() / bias / abs(mean)
    }
}
