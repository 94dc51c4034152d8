import Foundation
import Testing

@testable import Measurement

extension MachineDescription {
    /// A machine for comparisons that are not about machines.
    static let desk = MachineDescription(cores: 8, processor: "Desk 1", memory: 16 << 30, system: "Debian 12")
}

extension Baseline {
    static let usualEngines = ["sqlite": "3.40.1", "kuzu": "0.11.3", "redis": "7.0.15"]

    /// A baseline of one metric.
    init(_ name: String, _ samples: [Double], better: Metric.Better = .lower) {
        self.init(
            name: name, machine: .desk, engines: Self.usualEngines,
            metrics: [Metric(id: "time", unit: "ms", better: better, samples: samples)])
    }

    init(
        _ name: String, metrics: [Metric], machine: MachineDescription = .desk,
        engines: [String: String] = Baseline.usualEngines
    ) {
        self.init(name: name, created: Date(), commit: nil, machine: machine, engines: engines, metrics: metrics)
    }
}

/// Repetitions that differ a little, as quiet ones do: `count` values around `middle`, within a part of it.
func quiet(_ middle: Double, _ count: Int = 12, part: Double = 0.01) -> [Double] {
    (0..<count).map { middle * (1 + part * (Double($0 * 7 % count) / Double(count) - 0.5)) }
}

/// A folder that is gone after the test.
func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/trivet-baselines-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}

/// The error of a body that has to throw one.
func baselineError(_ body: () throws -> Void) throws -> BaselineError {
    do {
        try body()
    } catch let error as BaselineError {
        return error
    }
    Issue.record("nothing was thrown")
    throw BaselineError(.invalid, "nothing was thrown")
}
