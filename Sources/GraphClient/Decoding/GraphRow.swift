/// The columns' names of a result.
public final class GraphColumns: Sendable {
    /// In the order of RETURN.
    public let names: [String]

    init(_ names: [String]) {
        self.names = names
    }

    /// The place of a column. `hint` is looked at first, since callers tend to ask in order.
    func index(of name: String, hint: Int) -> Int? {
        if hint < names.count, names[hint] == name { return hint }
        return names.firstIndex(of: name)
    }
}

/// A row of a result.
public struct GraphRow: Sendable {
    /// Shared by all rows of the result.
    public let columns: GraphColumns
    /// In the order of the columns.
    public let values: [GraphValue]

    /// The value of the column at `position`, from 0.
    public subscript(position: Int) -> GraphValue { values[position] }

    /// The value of the column called `name`; nil when there is none.
    public subscript(name: String) -> GraphValue? {
        columns.index(of: name, hint: 0).map { values[$0] }
    }

    /// The row as a value whose keys are the columns' names. A single column decodes as itself: `row.decode(Int.self)`.
    /// - Throws: `DecodingError`, with the column in its path.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try RowDecoder().decode(type, from: self)
    }
}

/// The rows of a statement, in memory.
public struct GraphResult: Sendable, RandomAccessCollection {
    /// The columns' names.
    public let columns: GraphColumns
    /// In the engine's order, which without ORDER BY is none.
    public let rows: [GraphRow]

    /// 0
    public var startIndex: Int { rows.startIndex }
    /// The number of rows.
    public var endIndex: Int { rows.endIndex }
    /// The row at `position`.
    public subscript(position: Int) -> GraphRow { rows[position] }

    /// Each row as a value of a `Decodable` type. See ``GraphRow/decode(_:)``.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> [T] {
        let decoder = RowDecoder()
        return try rows.map { try decoder.decode(type, from: $0) }
    }

    /// The one value of the one row, such as that of `RETURN count(*)`.
    /// - Throws: ``GraphError/unexpectedResult(_:)`` when there are more or fewer.
    public func scalar<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        guard rows.count == 1, columns.names.count == 1 else {
            throw GraphError.unexpectedResult(
                "Expected one row of one column, and got \(rows.count) rows of \(columns.names.count).")
        }
        return try rows[0].decode(type)
    }
}
