import Foundation

/// Prometheus' text, version 0.0.4, as far as a dashboard needs it: samples with their labels. Comments, and lines that are none of it, are passed over.
struct MetricsText {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    let samples: [Sample]

    init(_ text: String) {
        samples = text.split(separator: "\n").compactMap(Self.sample)
    }

    /// Those of a name.
    func named(_ name: String) -> [Sample] { samples.filter { $0.name == name } }

    private static func sample(_ line: Substring) -> Sample? {
        guard let first = line.first, first != "#" else { return nil }
        let name = line.prefix { $0 != "{" && $0 != " " && $0 != "\t" }
        guard !name.isEmpty else { return nil }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            guard let known = Self.labels(&rest) else { return nil }
            labels = known
        }
        // A time may follow.
        guard let word = rest.split(whereSeparator: { $0 == " " || $0 == "\t" }).first, let value = number(word) else {
            return nil
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    /// Until behind the closing brace.
    private static func labels(_ rest: inout Substring) -> [String: String]? {
        var labels: [String: String] = [:]
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            if rest.first == "}" {
                rest = rest.dropFirst()
                return labels
            }
            let name = rest.prefix { $0 != "=" && $0 != "}" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=", rest.dropFirst().first == "\"" else { return nil }
            rest = rest.dropFirst(2)
            guard let value = quoted(&rest) else { return nil }
            labels[name.trimmingCharacters(in: .whitespaces)] = value
        }
    }

    /// Until behind the closing quote.
    private static func quoted(_ rest: inout Substring) -> String? {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }

    private static func number(_ word: Substring) -> Double? {
        switch word {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": nil
        default: Double(word)
        }
    }
}
