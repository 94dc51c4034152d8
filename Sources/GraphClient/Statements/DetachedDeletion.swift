/// `DETACH DELETE` as the statements that it stands for. When Kùzu reads its log back, that of a node whose relationships were
/// deleted since the last checkpoint deletes another relationship as well (H24); deletions of relationships by themselves are read back rightly.
struct DetachedDeletion {
    /// One after the other, in one transaction. Each has all parameters of the original.
    let statements: [String]

    /// - Returns: nil if the statement has no `DETACH DELETE`.
    /// - Throws: ``GraphError/statementRefused(statement:reason:)`` where its beginning, run several times, would find something else.
    init?(_ cypher: String) throws {
        let tokens = CypherScanner.tokens(in: cypher)
        let places = tokens.indices.dropLast().filter {
            tokens[$0].token.keyword == "DETACH" && tokens[$0 + 1].token.keyword == "DELETE"
        }
        guard let place = places.first else { return nil }
        func refusal(_ what: String) -> GraphError {
            .statementRefused(
                statement: cypher,
                reason: """
                    \(what), and Kùzu can't be left to detach nodes: when its log is read back, it may delete other relationships as \
                    well. Delete the relationships first, then the nodes with DELETE, in one transaction.
                    """)
        }
        let before = tokens[..<place].map(\.token)
        if let word = before.first(where: { Self.changing.contains($0.keyword) })?.keyword {
            throw refusal("DETACH DELETE comes after \(word)")
        }
        guard !zip(before, before.dropFirst()).contains(where: Self.isRelationship) else {
            throw refusal("DETACH DELETE comes after a pattern with a relationship")
        }
        var names: [Substring] = []
        for (index, entry) in tokens[(place + 2)...].enumerated() where entry.token != .symbol(UInt8(ascii: ";")) {
            switch entry.token {
            case .word, .quoted:
                guard index.isMultiple(of: 2) else { throw refusal("DETACH DELETE is not the last clause") }
                names.append(cypher[entry.range])
            case .symbol(UInt8(ascii: ",")) where !index.isMultiple(of: 2): continue
            default: throw refusal("DETACH DELETE has something else than names after it")
            }
        }
        let beginning = cypher[..<tokens[place].range.lowerBound]
        statements =
            names.flatMap { name in
                // A relationship that is deleted has to have a direction.
                ["-[trivet_l]->", "<-[trivet_l]-"].map { "\(beginning)MATCH (\(name))\($0)() DELETE trivet_l" }
            } + ["\(beginning)DELETE \(names.joined(separator: ", "))"]
    }

    private static let changing: Set<String> = ["CREATE", "DELETE", "LIMIT", "MERGE", "REMOVE", "SET", "SKIP"]

    /// `-[` or `--`.
    private static func isRelationship(_ first: CypherScanner.Token, _ second: CypherScanner.Token) -> Bool {
        first == .symbol(UInt8(ascii: "-"))
            && (second == .symbol(UInt8(ascii: "[")) || second == .symbol(UInt8(ascii: "-")))
    }
}

extension GraphConnection {
    /// Runs the statements of a `DETACH DELETE` as one.
    func run(_ deletion: DetachedDeletion, of cypher: String, _ parameters: GraphParameters) throws -> RowCursor {
        do {
            guard openTransaction == nil else { return try runEach(deletion, parameters) }
            try beginTransaction(.readWrite)
            do {
                let rows = try runEach(deletion, parameters)
                try Task.checkCancellation()
                try commitTransaction()
                return rows
            } catch {
                rollbackTransaction(cause: "a part of DETACH DELETE has failed")
                throw error
            }
        } catch let error as GraphError {
            throw error.telling(of: cypher)
        }
    }

    private func runEach(_ deletion: DetachedDeletion, _ parameters: GraphParameters) throws -> RowCursor {
        var statements = deletion.statements[...]
        let last = statements.removeLast()
        // Without a table of relationships the engine refuses every pattern that has one.
        if try propertyCatalog().hasRelationships {
            for statement in statements { _ = try runAsIs(cache.text(statement), parameters) }
        }
        return try runAsIs(cache.text(last), parameters)
    }
}
