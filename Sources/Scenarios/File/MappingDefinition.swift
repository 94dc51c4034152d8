/// A table of SQLite whose rows Redis follows, whoever changes them.
package struct MappingDefinition: Sendable, Hashable {
    /// How a key's value is made of a row's columns.
    package enum Form: Sendable, Hashable {
        case string(String)
        case json([String])
        case hash([String])

        /// The columns in it.
        package var columns: [String] {
            switch self {
            case .string(let column): [column]
            case .json(let columns), .hash(let columns): columns
            }
        }
    }

    package var table: String
    /// The key, with columns in braces.
    package var key: String
    package var form: Form
    package var expiry: Duration?
    /// The column that each change raises, by which the value in Redis tells which change it shows; nil where no lag is measured.
    package var version: String?
    /// The id of the built-in check that its lags are samples of.
    package var check: String?
}
