import Foundation

/// Rows with columns of the same width: words to the left, figures to the right.
struct TextTable {
    let header: [String]
    let rows: [[String]]
    /// How many columns from the first are words.
    var words = 2

    /// The header, then a line for each row.
    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { cells in
            cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return column < words ? cells[column] + space : space + cells[column]
            }.joined(separator: "  ")
        }
    }
}

/// How figures are written for people.
enum Figure {
    /// Three significant digits, which is what such figures are good for, and no exponent.
    static func text(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        let digits = max(0, 2 - Int(floor(log10(abs(value)))))
        let text = String(format: "%.\(min(digits, 4))f", value)
        guard text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(trimmed.reversed())
    }

    /// A part of 1 as per cent, with its sign.
    static func change(_ part: Double) -> String {
        let percent = (part * 1_000).rounded() / 10
        return "\(percent < 0 ? "−" : "+")\(text(abs(percent))) %"
    }

    /// A probability: small ones only as far as they matter.
    static func probability(_ p: Double) -> String { p < 0.0001 ? "<0.0001" : String(format: "%.4f", p) }
}
