extension GraphConnection {
    /// Makes one relationship of each region anew, in both directions, so that a checkpoint finds no region without an insertion: where it
    /// finds one with changes and nothing left, it loses the rest of the table, or gives it other neighbours (H21).
    ///
    /// All in one transaction, and each by its node's key: `IN` lets wrong ones pass in this state (H22). The caller is alone at the gate.
    func refreshRelationships(of catalog: TableCatalog) throws {
        try control("BEGIN TRANSACTION")
        do {
            for table in catalog.relationships {
                for (end, name) in [("a", table.fromName), ("b", table.toName)] {
                    let nodes = catalog.nodes.first { $0.name == name }
                    guard let nodes, !nodes.key.isEmpty else { continue }
                    try refresh(table, at: "\(end).\(TableCatalog.quoted(nodes.key))", ofNode: end)
                }
            }
            try control("COMMIT")
        } catch {
            try? control("ROLLBACK")
            throw error
        }
    }

    private func refresh(_ table: TableCatalog.Relationships, at key: String, ofNode end: String) throws {
        let pattern = "MATCH (a:\(table.from))-[l:\(table.quoted)]->(b:\(table.to))"
        let properties = table.properties.map { "\(TableCatalog.quoted($0.name)): l.\(TableCatalog.quoted($0.name))" }
        let copied = properties.isEmpty ? "" : " {\(properties.joined(separator: ", "))}"
        // The engine's regions have 1024 nodes.
        var regions = try execute(
            cache.text("\(pattern) RETURN offset(id(\(end))) / 1024, min(\(key))"), GraphParameters([]))
        let renewal = cache.text(
            "\(pattern) WHERE \(key) = $key WITH a, l, b LIMIT 1 CREATE (a)-[:\(table.quoted)\(copied)]->(b) DELETE l")
        while let region = try regions.next() {
            _ = try execute(renewal, GraphParameters([GraphField("key", region[1])]))
        }
    }
}
