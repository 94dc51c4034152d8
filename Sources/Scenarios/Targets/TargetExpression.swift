import Foundation

/// How a value is compared with a limit.
package enum TargetComparison: String, Sendable, Hashable, CaseIterable {
    case below = "<"
    case atMost = "<="
    case above = ">"
    case atLeast = ">="
    case equal = "="

    package func holds(_ value: Double, _ limit: Double) -> Bool {
        switch self {
        case .below: value < limit
        case .atMost: value <= limit
        case .above: value > limit
        case .atLeast: value >= limit
        case .equal: value == limit
        }
    }

    /// `≤`, `≥` and `==` are understood too.
    init?(text: Substring) {
        switch text {
        case "≤": self = .atMost
        case "≥": self = .atLeast
        case "==": self = .equal
        default: self.init(rawValue: String(text))
        }
    }
}

/// `metric op value`, such as `order.p99 < 50ms`: a promise about one figure.
package struct TargetExpression: Sendable, Hashable {
    package enum Metric: Sendable, Hashable {
        /// From the moment at which an operation was due, in milliseconds.
        case latency(percent: Double)
        /// From its beginning, in milliseconds.
        case service(percent: Double)
        /// How late the load generator was, in milliseconds.
        case lag(percent: Double)
        /// From a change of a row to its sight in Redis, in milliseconds.
        case cacheLag(percent: Double)
        /// Successes a second.
        case rate
        /// Successes among all that were due, in per cent: those that failed or were dropped are none.
        case success
        case failures
        case dropped
        /// From the end of a fault to the first second within target, the longest, in seconds.
        case recovery
    }

    package var metric: Metric
    /// The operation that it is about; nil for all.
    package var operation: String?
    package var comparison: TargetComparison
    /// In milliseconds, operations a second, per cent, seconds, or a number: see `Metric`.
    package var limit: Double
    /// As it was written, with single spaces.
    package var text: String

    package var unit: String {
        switch metric {
        case .latency, .service, .lag, .cacheLag: "ms"
        case .rate: "/s"
        case .success: "%"
        case .failures, .dropped: ""
        case .recovery: "s"
        }
    }

    /// What a load is held to that says nothing else: 99 of 100 operations succeed.
    package static let mostlySucceeds = TargetExpression(
        metric: .success, operation: nil, comparison: .atLeast, limit: 99, text: "success >= 99%")

    /// The least operations that can tell: so many that, if the figure were as bad as its limit, the chance that none of them
    /// shows it is below 5 %.
    package var leastSamples: Int {
        switch metric {
        case .latency(let percent), .service(let percent), .lag(let percent), .cacheLag(let percent):
            percent >= 100 || percent <= 0 ? 1 : Int((log05 / log(percent / 100)).rounded(.up))
        case .rate, .success, .failures, .dropped, .recovery: 1
        }
    }
}

private let log05 = log(0.05)
