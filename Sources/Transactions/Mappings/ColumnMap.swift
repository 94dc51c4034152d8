/// Which name elsewhere stands for which column of a table.
///
/// Written as a list where the names are the same, `["id", "name"]`, or as pairs: `["fullName": "name"]`.
public struct ColumnMap: Sendable, Hashable, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// One name with its column.
    public struct Entry: Sendable, Hashable {
        /// What it is called elsewhere: a property, a field.
        public var name: String
        /// The table's column.
        public var column: String
    }

    /// In the order in which they were written; read from a file's object, by name.
    public var entries: [Entry]

    /// The columns, in order.
    public var columns: [String] { entries.map(\.column) }
    /// The names elsewhere, in order.
    public var names: [String] { entries.map(\.name) }
    /// Whether there is nothing in it.
    public var isEmpty: Bool { entries.isEmpty }

    /// Columns that are called the same everywhere.
    public init(_ columns: [String]) {
        entries = columns.map { Entry(name: $0, column: $0) }
    }

    /// Columns that are called the same everywhere.
    public init(arrayLiteral columns: String...) {
        self.init(columns)
    }

    /// Pairs of a name elsewhere and the column.
    public init(dictionaryLiteral pairs: (String, String)...) {
        entries = pairs.map { Entry(name: $0.0, column: $0.1) }
    }
}

extension ColumnMap: Codable {
    /// From a list of columns, or an object of names and columns.
    public init(from decoder: any Decoder) throws {
        if let columns = try? decoder.singleValueContainer().decode([String].self) {
            entries = columns.map { Entry(name: $0, column: $0) }
            return
        }
        guard let pairs = try? decoder.singleValueContainer().decode([String: String].self) else {
            throw MappingError(
                decoder.place, "this is neither a list of columns nor an object",
                remedy: "Write [\"name\", …] or {\"property\": \"column\", …}.")
        }
        entries = pairs.sorted { $0.key < $1.key }.map { Entry(name: $0.key, column: $0.value) }
    }

    /// As a list where all names are those of their columns.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if entries.allSatisfy({ $0.name == $0.column }) {
            try container.encode(columns)
        } else {
            try container.encode(Dictionary(entries.map { ($0.name, $0.column) }) { $1 })
        }
    }
}
