/// How a value of some type is written in configuration: reading it, writing it, and saying what is allowed.
struct ValueFormat<Value: Sendable>: Sendable {
    /// The type as the documentation calls it.
    let type: String
    /// What is allowed, as it stands in errors: "must be …".
    let allowed: String
    let parse: @Sendable (String) -> Value?
    let text: @Sendable (Value) -> String
}

extension ValueFormat<Int> {
    static let count = integer(0...)
    static let positive = integer(1...)

    static func integer(_ range: PartialRangeFrom<Int>) -> Self {
        ValueFormat(
            type: "number", allowed: "a whole number from \(range.lowerBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, text: { "\($0)" })
    }

    static func integer(_ range: ClosedRange<Int>) -> Self {
        ValueFormat(
            type: "number", allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, text: { "\($0)" })
    }
}

extension ValueFormat<Double> {
    static let fraction = ValueFormat(
        type: "number", allowed: "a number from 0 to 1",
        parse: { text in Double(text).flatMap { (0...1).contains($0) ? $0 : nil } }, text: { "\($0)" })
}

extension ValueFormat<Bool> {
    static let flag = ValueFormat(
        type: "flag", allowed: "true or false",
        parse: { text in
            switch text.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }, text: { "\($0)" })
}

extension ValueFormat<String> {
    static let text = ValueFormat(
        type: "text", allowed: "some text", parse: { $0.isEmpty ? nil : $0 }, text: { $0 })
}

extension ValueFormat<Duration> {
    static let duration = time(atLeast: .zero)

    /// One that something happens in: zero makes no sense.
    static let interval = time(atLeast: .milliseconds(1))

    private static func time(atLeast least: Duration) -> Self {
        let bound = least > .zero ? ", at least \(ConfigurationText.text(least))" : ""
        return ValueFormat(
            type: "duration", allowed: "a number with a unit (ms, s, m, h), such as 500ms, 30s or 5m\(bound)",
            parse: { text in ConfigurationText.duration(text).flatMap { $0 >= least ? $0 : nil } },
            text: { ConfigurationText.text($0) })
    }
}

extension ValueFormat<Duration?> {
    static let durationOrNone = ValueFormat<Duration>.duration.orNone
    static let intervalOrNone = ValueFormat<Duration>.interval.orNone
}

extension ValueFormat<Int?> {
    static let positiveOrNone = ValueFormat<Int>.positive.orNone
}

extension ValueFormat<String?> {
    static let optionalText = ValueFormat<String>.text.optional
}

extension ValueFormat where Value: BinaryInteger {
    static func bytes(from least: Int64) -> Self {
        ValueFormat(
            type: "size",
            allowed:
                "a number with a unit (B, KiB, MiB, GiB, KB, MB, GB), such as 128MiB, at least \(ConfigurationText.bytes(least))",
            parse: { text in
                ConfigurationText.bytes(text).flatMap { $0 >= least ? Value(exactly: $0) : nil }
            }, text: { ConfigurationText.bytes(Int64($0)) })
    }
}

extension ValueFormat where Value: CaseIterable & RawRepresentable<String> {
    static var choice: Self {
        let names = Value.allCases.map { $0.rawValue.lowercased() }
        return ValueFormat(
            type: "one of \(names.joined(separator: ", "))", allowed: names.joined(separator: " or "),
            parse: { text in Value.allCases.first { $0.rawValue.lowercased() == text.lowercased() } },
            text: { $0.rawValue.lowercased() })
    }
}

extension ValueFormat {
    /// The same, or `none`.
    var orNone: ValueFormat<Value?> {
        ValueFormat<Value?>(
            type: "\(type) or none", allowed: "\(allowed), or none",
            parse: { text in
                if text.lowercased() == "none" { return .some(nil) }
                return parse(text).map { .some($0) }
            }, text: { value in value.map(text) ?? "none" })
    }

    /// The same for something that may be left out; there is no text for nothing.
    var optional: ValueFormat<Value?> {
        ValueFormat<Value?>(
            type: type, allowed: allowed, parse: { parse($0).map { .some($0) } }, text: { $0.map(text) ?? "" })
    }

    /// Several, separated by commas in one text.
    var list: ValueFormat<[Value]> {
        ValueFormat<[Value]>(
            type: "list", allowed: "one or several, each \(allowed)",
            parse: { text in
                let parts = text.split(separator: ",").map { $0.trimmed }
                let values = parts.compactMap(parse)
                return values.isEmpty || values.count < parts.count ? nil : values
            }, text: { $0.map(text).joined(separator: ",") })
    }
}

extension StringProtocol {
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
