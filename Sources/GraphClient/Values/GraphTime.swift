import Foundation

/// A calendar date, as days since 1970-01-01.
public struct GraphDate: Sendable, Hashable, Codable, Comparable {
    /// Negative before 1970.
    public var daysSince1970: Int32

    /// A date by its number of days.
    public init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    /// Midnight UTC of this date.
    public var date: Date { Date(timeIntervalSince1970: Double(daysSince1970) * 86_400) }

    /// By time.
    public static func < (a: GraphDate, b: GraphDate) -> Bool { a.daysSince1970 < b.daysSince1970 }
}

/// A point in time, as a count of its precision's units since 1970-01-01 00:00 UTC.
public struct GraphTimestamp: Sendable, Hashable, Codable {
    /// The engine's five timestamp types.
    public enum Precision: Sendable, Hashable, Codable {
        /// TIMESTAMP_SEC
        case seconds
        /// TIMESTAMP_MS
        case milliseconds
        /// TIMESTAMP
        case microseconds
        /// TIMESTAMP_NS
        case nanoseconds
        /// TIMESTAMP_TZ, kept in microseconds UTC.
        case microsecondsWithTimeZone

        var typeName: String {
            switch self {
            case .seconds: "TIMESTAMP_SEC"
            case .milliseconds: "TIMESTAMP_MS"
            case .microseconds: "TIMESTAMP"
            case .nanoseconds: "TIMESTAMP_NS"
            case .microsecondsWithTimeZone: "TIMESTAMP_TZ"
            }
        }

        var unitsPerSecond: Int64 {
            switch self {
            case .seconds: 1
            case .milliseconds: 1_000
            case .microseconds, .microsecondsWithTimeZone: 1_000_000
            case .nanoseconds: 1_000_000_000
            }
        }
    }

    /// Units since 1970, negative before.
    public var count: Int64
    /// The unit, and with it the engine's type.
    public var precision: Precision

    /// A point by its number of units.
    public init(_ count: Int64, _ precision: Precision = .microseconds) {
        self.count = count
        self.precision = precision
    }

    /// The nearest point of this precision; nil when it lies outside of what the type holds (for nanoseconds:
    /// the years 1677 to 2262).
    public init?(_ date: Date, _ precision: Precision = .microseconds) {
        let units = (date.timeIntervalSince1970 * Double(precision.unitsPerSecond)).rounded()
        guard let count = Int64(exactly: units) else { return nil }
        self.init(count, precision)
    }

    /// As Foundation's `Date`, which holds about a tenth of a microsecond for today's dates.
    public var date: Date {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: precision.unitsPerSecond)
        return Date(timeIntervalSince1970: Double(seconds) + Double(rest) / Double(precision.unitsPerSecond))
    }
}

/// A span of time in the three parts that calendars can't convert into each other.
public struct GraphInterval: Sendable, Hashable, Codable {
    /// Months, of whatever length.
    public var months: Int32
    /// Days, of whatever length.
    public var days: Int32
    /// The rest.
    public var microseconds: Int64

    /// A span, in which each part may be negative.
    public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.microseconds = microseconds
    }
}
