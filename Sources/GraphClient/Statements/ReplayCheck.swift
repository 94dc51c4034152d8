/// Whether a writing statement does the same when it is run again on the same data, as a transaction's redo needs.
///
/// What depends on clocks, on chance, on the engine's own numbering or on the order in which its threads find rows has
/// to come in as a parameter.
struct ReplayCheck {
    /// Why a statement can't be run again; nil if it can.
    let objection: String?

    init(_ statement: StatementText, catalog: () throws -> PropertyCatalog) throws {
        objection = try Self.objection(to: statement, catalog: catalog)
    }

    private static func objection(to statement: StatementText, catalog: () throws -> PropertyCatalog) throws -> String?
    {
        let words = Set(statement.words.map { $0.uppercased() })
        if let function = statement.calls.first(where: { refusedFunctions[$0] != nil }),
            let why = refusedFunctions[function]
        {
            return
                "\(function.lowercased())() \(why). Compute the value before the statement and pass it as a parameter."
        }
        if words.contains("LIMIT") || words.contains("SKIP"), !words.contains("ORDER") {
            return
                "LIMIT without ORDER BY takes other rows each time. Add ORDER BY over a unique property, or read first and pass the keys."
        }
        if words.contains("LOAD"), words.contains("FROM") {
            return
                "LOAD FROM reads a file, which may be another one later. Read it yourself and pass rows as a parameter."
        }
        guard words.contains("CREATE") || words.contains("MERGE") else { return nil }
        guard let property = try catalog().unrepeatableDefault(in: statement) else { return nil }
        return """
            the default of \(property) gives another value each time. Give the property a value in the statement, as a parameter.
            """
    }

    /// In upper case, with what is wrong with each.
    private static let refusedFunctions: [String: String] = [
        "GEN_RANDOM_UUID": "gives another value each time", "RANDOM": "gives another value each time",
        "RAND": "gives another value each time", "SETSEED": "changes what chance gives",
        "CURRENT_TIMESTAMP": "gives another value each time", "CURRENT_DATE": "gives another value each time",
        "NOW": "gives another value each time", "NEXTVAL": "gives another value each time",
        "CURRVAL": "gives another value each time",
        "ID": "gives the engine's own numbers, which change", "OFFSET": "gives the engine's own numbers, which change",
        "ROWID": "gives the engine's own numbers, which change",
        "SUM": "may add fractions in another order each time", "AVG": "may add fractions in another order each time",
        "COLLECT": "gives its values in another order each time",
    ]

    /// Whether a column's default calls one of these functions.
    static func isRepeatable(default expression: String) -> Bool {
        let words = CypherScanner.tokens(in: expression).compactMap { token, _ in
            if case .word(let word) = token { word.uppercased() } else { nil }
        }
        return !words.contains { refusedFunctions[$0] != nil }
    }
}

extension GraphConnection {
    /// Whether a statement writes, or may.
    ///
    /// - Throws: ``GraphError/statementRefused(statement:reason:)`` for statements that are refused anyway, for those
    ///   that change the schema, and for writes that may do something else when they are run again.
    package func isReplayableWrite(_ cypher: String) throws -> Bool {
        let statement = cache.text(cypher)
        guard statement.kind == .write else { return false }
        if statement.changesSchema {
            throw GraphError.statementRefused(
                statement: cypher,
                reason: "A change of the schema can't share a transaction with other statements; make it on its own.")
        }
        let version = database.schemaVersion.load(ordering: .acquiring)
        if statement.replayableAt == version { return true }
        if let objection = try ReplayCheck(statement, catalog: propertyCatalog).objection {
            throw GraphError.statementRefused(
                statement: cypher, reason: "It can't be run again after a crash: " + objection)
        }
        statement.replayableAt = version
        return true
    }

    /// The name of a node table's primary key; nil if there is no such table.
    package func primaryKey(of table: String) throws -> String? {
        try propertyCatalog().keys[table]
    }
}
