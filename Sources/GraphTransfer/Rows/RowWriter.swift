import GraphClient

/// Makes the rows of a part, many with one statement where the engine takes all of a row's values in a list of rows, one by one elsewhere.
struct RowWriter {
    let connection: GraphConnection
    let engine: GraphEngine
    let part: TablePart

    /// Makes rows, all or none, and counts them: a MATCH that finds no node makes nothing, without an error.
    func write(_ rows: [[GraphValue]]) throws {
        guard !rows.isEmpty else { return }
        if engine.kind == .kuzu { try refuseNaN(rows) }
        if let batch = RowBatch(part, rows) {
            let made = try connection.query(batch.text, batch.parameters).scalar(Int.self)
            guard made == rows.count else { throw missingNode() }
            return
        }
        try connection.transaction {
            for row in rows { try write(row) }
        }
    }

    private func write(_ row: [GraphValue]) throws {
        if engine.kind == .ladybug { try refuseNullUnions(row) }
        var expression = RowExpression()
        let values = zip(row, part.types).map { expression.text($0, as: $1) }
        let cypher = RowCypher(part).statement(values, unwinding: false)
        let parameters = GraphParameters(
            Dictionary(uniqueKeysWithValues: expression.parameters.map { ($0.name, $0.value) }))
        guard try connection.query(cypher, parameters).scalar(Int.self) == 1 else { throw missingNode() }
    }

    private func refuseNaN(_ rows: [[GraphValue]]) throws {
        for row in rows {
            guard let index = row.firstIndex(where: \.hasNaN) else { continue }
            throw TransferError(
                .unsupported,
                """
                A row of \(part.title) has NaN in \(part.columns[index]), and Kùzu's checkpoints would make NaN of other numbers of \
                that property.
                """,
                remedy: "Put NULL in its place in the graph that was exported, and export it again.")
        }
    }

    private func refuseNullUnions(_ row: [GraphValue]) throws {
        for (index, type) in part.types.enumerated() where type.hasNullUnion(in: row[index]) {
            throw TransferError(
                .unsupported,
                """
                A row of \(part.title) has in \(part.columns[index]) a STRUCT with a UNION that is NULL, and LadybugDB would make another \
                value of it.
                """,
                remedy: "Give the UNION a value in the graph that was exported, and export it again.")
        }
    }

    private func missingNode() -> TransferError {
        TransferError(
            .damaged, "The export holds relationships of \(part.title) whose nodes it does not hold.",
            remedy: "Export the graph again.")
    }
}

/// The statement that makes a row, or one row for each of a list.
struct RowCypher {
    private let part: TablePart

    init(_ part: TablePart) {
        self.part = part
    }

    /// - Parameters:
    ///   - values: an expression for each of the part's columns.
    ///   - unwinding: whether it begins with UNWIND, as whose row the expressions know `r`.
    func statement(_ values: [String], unwinding: Bool) -> String {
        let start = unwinding ? "UNWIND $rows AS r " : ""
        switch part {
        case .nodes(let table):
            return start + "CREATE (:\(Cypher.name(table.name))\(Self.map(table.properties, values))) RETURN count(*)"
        case .relationships(let table, let from, let to):
            // Each end is looked up by its key only in a MATCH of its own, and only by a plain name: a field of a row, or both
            // ends in one MATCH, would make the engine go through the whole table.
            let carried = unwinding ? values.indices.filter { values[$0] != "NULL" } : []
            let names = values.indices.map { carried.contains($0) ? "k\($0)" : values[$0] }
            let taken = carried.map { "\(values[$0]) AS k\($0)" }
            let kept = ["a"] + carried.dropFirst().map { "k\($0)" }
            return start + (taken.isEmpty ? "" : "WITH \(taken.joined(separator: ", ")) ") + """
                MATCH (a:\(Cypher.name(from.name)) {\(Cypher.name(from.key)): \(names[0])}) \
                WITH \(kept.joined(separator: ", ")) \
                MATCH (b:\(Cypher.name(to.name)) {\(Cypher.name(to.key)): \(names[1])}) \
                CREATE (a)-[:\(Cypher.name(table.name))\(Self.map(table.properties, names.dropFirst(2)))]->(b) \
                RETURN count(*)
                """
        }
    }

    private static func map(_ properties: [GraphSchema.Property], _ values: some Sequence<String>) -> String {
        guard !properties.isEmpty else { return "" }
        return " {" + zip(properties, values).map { "\(Cypher.name($0.name)): \($1)" }.joined(separator: ", ") + "}"
    }
}
