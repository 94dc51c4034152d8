/// A mapping of the file format: its names, and what each means. Reading, its messages and the published schema are all made
/// from it, so that they can't disagree.
package struct FormatSection: Sendable {
    package struct Field: Sendable {
        package var name: String
        package var kind: FormatKind
        package var isRequired = false
        /// A sentence for the schema.
        package var text: String
    }

    /// Its name in the schema.
    package var id: String
    /// What messages call it, such as `an operation`.
    package var title: String
    package var fields: [Field]
    /// Where exactly one of some names has to be there: the schema says so too.
    package var oneOf: [String] = []

    package var names: [String] { fields.map(\.name) }
}

/// What can stand at a name.
package indirect enum FormatKind: Sendable {
    case text
    case integer(least: Int)
    case number
    case flag
    case duration
    /// A number of bytes a second, with its unit.
    case bandwidth
    case word([String])
    /// A number, a text, true, false, or null.
    case scalar
    case list(FormatKind)
    /// Mappings from the user's own names.
    case table(FormatKind)
    case either([FormatKind])
    case section(String)
}
