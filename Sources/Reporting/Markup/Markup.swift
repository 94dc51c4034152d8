/// Text of an HTML or XML document. Whatever is interpolated is escaped, unless it is markup itself: names and errors come from anywhere, and
/// none of them can become an element.
struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral value: String) {
        text = value
    }

    init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
    }

    /// Text that is markup already; never anything that came from outside.
    init(trusted text: String) {
        self.text = text
    }

    init() {
        text = ""
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: Markup) { text += value.text }
        mutating func appendInterpolation(_ value: Markup?) { text += value?.text ?? "" }
        mutating func appendInterpolation(_ value: String) { text += Markup.escape(value) }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
        mutating func appendInterpolation(_ value: UInt64) { text += String(value) }
        mutating func appendInterpolation(trusted text: String) { self.text += text }
        /// A coordinate.
        mutating func appendInterpolation(_ value: Double) { text += Coordinate.text(value) }
    }

    var isEmpty: Bool { text.isEmpty }

    static func += (sum: inout Markup, more: Markup) { sum.text += more.text }

    static func + (a: Markup, b: Markup) -> Markup { Markup(trusted: a.text + b.text) }

    /// For the content of elements and for attributes in either kind of quotes. Characters that XML 1.0 can't have become U+FFFD.
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n", "\r", "\u{20}"..."\u{7E}", "\u{A0}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                escaped.unicodeScalars.append(scalar)
            default: escaped += "\u{FFFD}"
            }
        }
        return escaped
    }
}

extension Sequence {
    /// One after the other.
    func markup(_ part: (Element) -> Markup) -> Markup { reduce(into: Markup()) { $0 += part($1) } }
}

/// Numbers in drawings: a tenth of a unit is less than a pixel.
enum Coordinate {
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = (value * 10).rounded()
        guard tenths.magnitude < 1e15 else { return "0" }
        let whole = Int64(tenths)
        let (units, rest) = (whole.magnitude / 10, whole.magnitude % 10)
        return (whole < 0 ? "-" : "") + "\(units)" + (rest == 0 ? "" : ".\(rest)")
    }
}
