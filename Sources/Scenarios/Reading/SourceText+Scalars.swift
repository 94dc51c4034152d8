import Yams

extension SourceText {
    /// Any scalar but nothing.
    func text(_ node: Node, _ name: String) -> String? {
        if let scalar = node.scalar, !scalar.string.isEmpty { return scalar.string }
        add("\"\(name)\" is a text, not \(node.kindName)", at: node)
        return nil
    }

    func integer(_ node: Node, _ name: String, atLeast least: Int = .min) -> Int? {
        guard node.isPlain, let value = node.int else {
            add("\"\(name)\" is a whole number, not \(node.kindName)", at: node)
            return nil
        }
        guard value >= least else {
            add("\"\(name)\" is \(value); it has to be \(least) or more", at: node)
            return nil
        }
        return value
    }

    func number(_ node: Node, _ name: String, above least: Double = -.infinity) -> Double? {
        guard node.isPlain, let value = node.float ?? node.int.map(Double.init), value.isFinite else {
            add("\"\(name)\" is a number, not \(node.kindName)", at: node)
            return nil
        }
        guard value > least else {
            add("\"\(name)\" is \(node.scalar?.string ?? ""); it has to be more than \(least.plain)", at: node)
            return nil
        }
        return value
    }

    /// A duration with its unit, not negative.
    func duration(_ node: Node, _ name: String) -> Duration? {
        guard let text = node.scalar?.string, !text.isEmpty else {
            add("\"\(name)\" is a duration such as 5s, not \(node.kindName)", at: node)
            return nil
        }
        if let duration = DurationText.parse(text) { return duration }
        add(
            "\"\(name)\" is a duration such as 250ms, 5s or 2min, not \"\(text)\"\(DurationText.hint(text))", at: node)
        return nil
    }
}

/// Durations as people write them.
package enum DurationText {
    /// With their lengths in nanoseconds.
    static let units: [(name: String, nanoseconds: Double)] = [
        ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9), ("h", 3600e9),
    ]

    /// Nil for what has no unit, a wrong one, or is negative.
    package static func parse(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), let unit = units.first(where: { $0.name == unit }) else { return nil }
        let nanoseconds = number * unit.nanoseconds
        // A hundred years are enough.
        guard number >= 0, nanoseconds < 3.2e18 else { return nil }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }

    /// A number and what follows it.
    static func split(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { "0123456789.-+".contains($0) }
        guard let number = Double(digits) else { return nil }
        return (number, text.dropFirst(digits.count).trimmed)
    }

    static func hint(_ text: String) -> String {
        guard let (number, unit) = split(text) else { return "" }
        if number < 0 { return "; it can't be negative" }
        if unit.isEmpty { return "; say the unit, as in \(number.plain)s" }
        return NearestName.hint(for: unit, among: units.map(\.name))
    }

    /// In the largest unit in which it is a whole number, or in seconds.
    static func text(_ duration: Duration) -> String {
        let nanoseconds = (duration / .nanoseconds(1)).rounded()
        for unit in units.reversed() where unit.name != "us" && unit.name != "h" {
            let value = nanoseconds / unit.nanoseconds
            if value == value.rounded() { return "\(value.plain)\(unit.name)" }
        }
        return "\((duration / .seconds(1)).plain)s"
    }
}

extension StringProtocol {
    var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension Double {
    /// Without a point where there is nothing behind it.
    var plain: String { self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self) }
}
