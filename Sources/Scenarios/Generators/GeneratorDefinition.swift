/// A value of a scenario, by its name.
package struct ValueDefinition: Sendable, Hashable {
    package var name: String
    package var generator: GeneratorDefinition
}

/// How a value comes about.
package enum GeneratorDefinition: Sendable, Hashable {
    /// An end of a range: a number, or the count of a data set.
    package enum Bound: Sendable, Hashable {
        case number(Int)
        case count(of: String)
    }

    /// Which row of a file comes next.
    package enum RowOrder: String, Sendable, Hashable, CaseIterable {
        case random, sequence
    }

    /// Which part of a name.
    package enum NamePart: String, Sendable, Hashable, CaseIterable {
        case full, first, last
    }

    case constant(FieldValue)
    /// `from`, `from + step`, …: a row's number in data, and the next one at each use in operations.
    case sequence(from: Int, step: Int)
    case uniform(from: Bound, to: Bound)
    case uniformNumber(from: Double, to: Double)
    /// Lower numbers are more frequent, the `n`-th in proportion to `1 / n ^ exponent`.
    case zipfian(from: Bound, to: Bound, exponent: Double)
    case names(NamePart)
    case texts(words: ClosedRange<Int>)
    case choice([FieldValue], weights: [Double])
    /// A text with other values in it.
    case text(TextTemplate)
    /// A column of a file.
    case column(RowFileDefinition, column: String, order: RowOrder)

    /// What it is called in a file.
    static let names = ["choice", "column", "names", "sequence", "text", "texts", "uniform", "zipfian"]
}

/// A file with rows of values.
package struct RowFileDefinition: Sendable, Hashable {
    package enum Format: String, Sendable, Hashable {
        case csv, jsonLines
    }

    package var path: String
    package var format: Format
}
