/// Names as Prometheus allows them, made of OpenTelemetry's.
///
/// The rules are OpenTelemetry's own (specification, "Prometheus and OpenMetrics Compatibility"): what is no letter, digit or underscore becomes an
/// underscore, a counter ends with `_total`, a duration with `_seconds`.
public enum PrometheusName {
    /// The kinds that there are.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram, summary
    }

    /// The name of a metric.
    ///
    /// - Parameter isDuration: whether its values are seconds.
    public static func metric(_ label: String, _ kind: Kind, isDuration: Bool = false) -> String {
        var name = allowed(label, also: ":")
        if isDuration, !name.hasSuffix("_seconds") { name += "_seconds" }
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    /// The name of a dimension.
    public static func label(_ name: String) -> String { allowed(name, also: nil) }

    /// A dimension's value, as it stands between quotes.
    static func escaped(_ value: String) -> String {
        var text = String.UnicodeScalarView()
        // Not by characters, of which a carriage return with its line feed is one.
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\".unicodeScalars
            case "\"": text += "\\\"".unicodeScalars
            case "\n": text += "\\n".unicodeScalars
            default: text.append(scalar)
            }
        }
        return String(text)
    }

    private static func allowed(_ name: String, also extra: Character?) -> String {
        var text = ""
        for character in name {
            let isAllowed = character.isASCII && (character.isLetter || character.isNumber)
            text.append(isAllowed || character == "_" || character == extra ? character : "_")
        }
        if text.first?.isNumber ?? true { text = "_" + text }
        return text
    }
}
