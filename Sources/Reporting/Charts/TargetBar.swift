import LoadTesting

/// Where a check's value lies against its limit: the ground on the side of the limit that is allowed is darker, the bar reaches to the value, and
/// its end is round where the target is met and square where it is not.
struct TargetBar {
    var check: CheckResult

    private static let width = 220.0
    private static let height = 22.0

    func render() -> Markup {
        let (low, high) = range
        func x(_ value: Double) -> Double {
            guard value.isFinite else { return Self.width }
            return min(1, max(0, (value - low) / (high - low))) * Self.width
        }
        let limit = x(check.target), value = x(check.value)
        let isUpper = check.op == .below || check.op == .atMost
        let zone = isUpper ? (0, limit) : (limit, Self.width)
        var drawing: Markup = """
            <path class="track" d="M0 6H\(Self.width)V16H0Z"/>\
            <path class="zone" d="M\(zone.0) 6H\(zone.1)V16H\(zone.0)Z"/>\
            <path class="mark \(check.verdict.rawValue)" d="M0 9H\(value)V13H0Z"/>
            """
        if let interval = check.interval {
            let low = x(interval.low), high = x(interval.high)
            drawing += #"<path class="axis" d="M\#(low) 17V21M\#(low) 19H\#(high)M\#(high) 17V21"/>"#
        }
        drawing += end(at: min(max(value, 5), Self.width - 5))
        drawing += #"<path class="limitmark" d="M\#(min(limit, Self.width - 1)) 1V21"/>"#
        return """
            <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" \
            aria-label="\(check.id): \(check.text(check.value)), limit \(check.limitText), \(check.margin)">\(drawing)</svg>
            """
    }

    /// What is drawn: from nothing to a quarter beyond the limit, and to twice it when the value is there; of per cent near the limit only what
    /// can be told apart.
    private var range: (Double, Double) {
        if check.unit == "%" {
            let distance = max(100 - check.target, 1)
            let low = max(0, min(check.target - distance, check.value))
            return (low, max(100, low + 1))
        }
        let end = max(check.target * 1.25, min(check.value * 1.05, check.target * 2))
        return (0, end > 0 ? end : max(1, check.value * 1.1))
    }

    private func end(at x: Double) -> Markup {
        switch check.verdict {
        case .pass: #"<ellipse class="mark pass" cx="\#(x)" cy="11" rx="5" ry="5"/>"#
        case .fail: #"<path class="mark fail" d="M\#(x - 5) 6h10v10h-10z"/>"#
        case .inconclusive: #"<path class="mark inconclusive" d="M\#(x) 5l6 6l-6 6l-6-6z"/>"#
        }
    }
}
