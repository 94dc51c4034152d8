import Foundation

extension Figure {
    /// A duration with the unit that suits it.
    static func duration(milliseconds value: Double) -> String {
        switch value.magnitude {
        case 0: "0"
        case ..<0.001: "\(text(value * 1_000_000)) ns"
        case ..<1: "\(text(value * 1_000)) µs"
        case ..<1_000: "\(text(value)) ms"
        default: "\(text(value / 1_000)) s"
        }
    }

    /// A length of time as people say it.
    static func length(seconds: Double) -> String {
        guard seconds >= 60 else { return "\(text(seconds)) s" }
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60)
        if hours > 0 { return minutes > 0 ? "\(hours) h \(minutes) min" : "\(hours) h" }
        return rest > 0 ? "\(minutes) min \(rest) s" : "\(minutes) min"
    }

    /// A count in groups of three, with the narrow space that doesn't break.
    static func count(_ count: Int) -> String {
        let digits = String(count.magnitude)
        guard digits.count > 4 else { return count < 0 ? "−\(digits)" : digits }
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "\u{202F}" }
            grouped.append(digit)
        }
        return count < 0 ? "−\(grouped)" : grouped
    }

    /// With its unit; durations are told in the one that suits them.
    static func value(_ value: Double, unit: String) -> String {
        switch unit {
        case "ms": duration(milliseconds: value)
        case "": value == value.rounded() && value.magnitude < 1e15 ? count(Int(value)) : text(value)
        default: "\(text(value)) \(unit)"
        }
    }

    /// For an axis, where a large count is told in thousands.
    static func tick(_ value: Double) -> String {
        switch value.magnitude {
        case 10_000_000...: "\(text(value / 1_000_000))M"
        case 10_000...: "\(text(value / 1_000))k"
        default: text(value)
        }
    }
}
