/// A pattern that is created along with what another statement creates, and so costs no statement of its own.
package struct StatementRider: Sendable {
    let pattern: String
    let parameter: GraphField

    /// - Parameters:
    ///   - pattern: such as `(:Label {key: $name})`, with one parameter.
    ///   - name: the parameter's name.
    package init(_ pattern: String, _ name: String, _ value: GraphValue) {
        self.pattern = pattern
        parameter = GraphField(name, value)
    }
}

extension GraphConnection {
    /// The rows of a statement, as of ``query(_:_:)``, which takes a rider along if it can.
    ///
    /// It can where it only creates, so that it does so exactly once: after MATCH or UNWIND a clause is run once for each
    /// row, which may be none. And only where it has succeeded before by itself, so that
    /// what is wrong with it is told in its own words.
    /// - Returns: the rows, and whether the rider was taken along.
    package func query(
        _ cypher: String, _ parameters: GraphParameters, taking rider: StatementRider
    ) throws -> (result: GraphResult, isTaken: Bool) {
        let statement = cache.text(cypher)
        guard statement.takesRiders(named: rider.parameter.name), statement.prepared?.isUsable == true else {
            return (try query(cypher, parameters), false)
        }
        // Checked first: the engine sees neither, and the error is the statement's own.
        _ = try ParameterBinding(parameters, for: statement, on: self)
        // On a line of its own, since the statement may end in a comment.
        let both = cache.text(cypher + "\n, " + rider.pattern)
        do {
            var rows = try run(both, GraphParameters(parameters.entries + [rider.parameter]))
            return (try rows.readAll(), true)
        } catch let error as GraphError {
            throw error.telling(of: cypher)
        }
    }
}

extension StatementText {
    func takesRiders(named parameter: String) -> Bool {
        onlyCreates && !parameters.contains { $0.name == parameter }
    }

    /// Judged by its words, and on the safe side: a property that is called like a clause counts as one.
    static func onlyCreates(_ tokens: [CypherScanner.Token]) -> Bool {
        guard case .word(let first)? = tokens.first, first.uppercased() == "CREATE",
            !tokens.contains(.symbol(UInt8(ascii: ";")))
        else { return false }
        return !tokens.contains { token in
            if case .word(let word) = token { otherClauses.contains(word.uppercased()) } else { false }
        }
    }

    private static let otherClauses: Set<String> = [
        "CALL", "DELETE", "DETACH", "FOREACH", "LIMIT", "LOAD", "MATCH", "MERGE", "OPTIONAL", "ORDER", "REMOVE",
        "RETURN", "SET", "SKIP", "UNION", "UNWIND", "WHERE", "WITH", "YIELD",
    ]
}
