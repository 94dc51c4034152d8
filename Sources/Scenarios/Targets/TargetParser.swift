/// Reads `metric op value`.
struct TargetParser {
    struct Problem: Error, Hashable {
        /// Counted in Unicode scalars from the beginning of the text.
        var offset: Int
        var message: String
    }

    private static let families = [
        "p50", "p95", "p99", "p99.9", "max", "rate", "success", "failures", "dropped", "recovery", "cache.lag",
    ]
    private static let prefixes = ["service", "lag"]

    /// Names of operations; a target may be about one of them.
    let operations: [String]

    func parse(_ text: String) throws(Problem) -> TargetExpression {
        guard let start = text.firstIndex(where: { "<>=≤≥".contains($0) }) else {
            throw Problem(
                offset: 0,
                message: "a target is `metric op value`, such as `p99 < 50ms`; \"\(text)\" has no <, <=, >, >= or =")
        }
        let sign = text[start...].prefix { "<>=≤≥".contains($0) }
        let left = text[..<start].trimmed, right = text[sign.endIndex...].trimmed
        guard let comparison = TargetComparison(text: sign) else {
            throw Problem(
                offset: text[..<start].unicodeScalars.count, message: "\"\(sign)\" is none of <, <=, >, >=, =")
        }
        let (operation, metric) = try metric(left)
        var expression = TargetExpression(
            metric: metric, operation: operation, comparison: comparison, limit: 0,
            text: "\(left) \(comparison.rawValue) \(right)")
        do {
            expression.limit = try limit(right, of: expression)
        } catch {
            let spaces = text[sign.endIndex...].prefix { $0.isWhitespace }
            throw Problem(offset: text[..<spaces.endIndex].unicodeScalars.count, message: error.message)
        }
        return expression
    }

    private func metric(_ text: String) throws(Problem) -> (String?, TargetExpression.Metric) {
        if let metric = Self.metric(text) { return (nil, metric) }
        // Operations' names may have points in them too.
        let owners = operations.filter { text.hasPrefix($0 + ".") }
        for operation in owners.sorted(by: { $0.count > $1.count }) {
            let name = String(text.dropFirst(operation.count + 1))
            guard let metric = Self.metric(name) else {
                throw Problem(
                    offset: operation.count + 1,
                    message: "there is no metric \"\(name)\"\(NearestName.hint(for: name, among: Self.families))")
            }
            if case .recovery = metric {
                throw Problem(offset: 0, message: "recovery is about all operations; write `recovery < 10s`")
            }
            return (operation, metric)
        }
        if let point = text.firstIndex(of: "."), Self.metric(String(text[text.index(after: point)...])) != nil {
            let name = String(text[..<point])
            throw Problem(
                offset: 0,
                message:
                    "there is no operation \"\(name)\"\(NearestName.hint(for: name, among: operations + Self.prefixes))"
            )
        }
        throw Problem(
            offset: 0, message: "there is no metric \"\(text)\"\(NearestName.hint(for: text, among: Self.families))")
    }

    private static func metric(_ name: String) -> TargetExpression.Metric? {
        switch name {
        case "rate": return .rate
        case "success": return .success
        case "failures": return .failures
        case "dropped": return .dropped
        case "recovery": return .recovery
        // As the built-in check of this name.
        case "cache.lag": return .cacheLag(percent: 99)
        default: break
        }
        if name.hasPrefix("service."), let percent = percent(name.dropFirst(8)) { return .service(percent: percent) }
        if name.hasPrefix("lag."), let percent = percent(name.dropFirst(4)) { return .lag(percent: percent) }
        if name.hasPrefix("cache.lag."), let percent = percent(name.dropFirst(10)) {
            return .cacheLag(percent: percent)
        }
        return percent(Substring(name)).map { .latency(percent: $0) }
    }

    /// `p99.9`, or `max`.
    private static func percent(_ text: Substring) -> Double? {
        if text == "max" { return 100 }
        guard text.first == "p", let percent = Double(text.dropFirst()), percent > 0, percent < 100 else { return nil }
        return percent
    }

    private func limit(_ text: String, of expression: TargetExpression) throws(Problem) -> Double {
        switch expression.metric {
        case .latency, .service, .lag, .cacheLag, .recovery:
            guard let duration = DurationText.parse(text) else {
                throw Problem(offset: 0, message: "\"\(text)\" is no duration such as 50ms\(DurationText.hint(text))")
            }
            return duration / (expression.unit == "s" ? .seconds(1) : .milliseconds(1))
        case .rate: return try number(text, unit: "/s", example: "100/s")
        case .success:
            let percent = try number(text, unit: "%", example: "99%")
            guard percent <= 100 else { throw Problem(offset: 0, message: "\"\(text)\" is more than all") }
            return percent
        case .failures, .dropped: return try number(text, unit: "", example: "0")
        }
    }

    private func number(_ text: String, unit: String, example: String) throws(Problem) -> Double {
        guard let (number, own) = DurationText.split(text), own == unit, number >= 0 else {
            throw Problem(offset: 0, message: "\"\(text)\" is not a number such as \(example)")
        }
        return number
    }
}
