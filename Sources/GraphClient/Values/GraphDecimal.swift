import Foundation

/// An exact decimal number of up to 38 digits: `unscaled` × 10^-`scale`.
public struct GraphDecimal: Sendable, Hashable, Codable {
    /// All digits, without the point.
    public var unscaled: Int128
    /// Digits after the point, 0 to 38.
    public var scale: Int

    /// - Parameter scale: 0 to 38.
    public init(unscaled: Int128, scale: Int) {
        self.unscaled = unscaled
        self.scale = scale
    }

    /// The number that `text` writes as digits with at most one point and an optional sign; nil for anything else, and for
    /// more than 38 digits.
    public init?(_ text: some StringProtocol) {
        var digits: Substring = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        let all = parts[0] + fraction
        guard !all.isEmpty, all.allSatisfy({ $0.isASCII && $0.isNumber }), fraction.count <= 38,
            let magnitude = Int128(all), all.drop(while: { $0 == "0" }).count <= 38
        else { return nil }
        self.init(unscaled: isNegative ? -magnitude : magnitude, scale: fraction.count)
    }

    /// A number as the engine writes it: it puts a negative one's zeros before its sign, and the sign into a digit's place, so that
    /// -0.05 comes as "0.-5".
    init?(engineText text: String) {
        guard let sign = text.lastIndex(of: "-"), sign != text.startIndex else {
            self.init(text)
            return
        }
        self.init("-" + text.replacing("-", with: "0"))
    }

    /// As Foundation's `Decimal`, exactly.
    public var decimal: Decimal? { Decimal(string: description, locale: Locale(identifier: "en_US_POSIX")) }
}

extension GraphDecimal: CustomStringConvertible {
    /// Digits with a point, never an exponent.
    public var description: String {
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let point = padded.index(padded.endIndex, offsetBy: -scale)
        let number = scale == 0 ? padded : "\(padded[..<point]).\(padded[point...])"
        return unscaled < 0 ? "-\(number)" : number
    }
}
