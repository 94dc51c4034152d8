/// What the tables hold, as sums of hashes that the engine computes, in constant memory: two digests of a database are alike exactly
/// when all rows are, but for a chance of about 2^-31 for each that is not.
///
/// A row is hashed with the engine's own number for it, which no checkpoint changes, and each relationship once from either
/// end: the engine keeps it twice. Properties of the types STRUCT, MAP and UNION are hashed as texts, in which a fraction has six digits; 0 and
/// -0 are the same. Indexes are not covered.
struct DatabaseDigest: Equatable, Sendable {
    /// A table of nodes, or one end of a table of relationships.
    struct Part: Equatable, Sendable {
        let count: GraphValue
        let rows: GraphValue
        /// Of relationships' numbers and both ends: alike from both ends.
        var numbers: GraphValue = .null
    }

    /// By what they are of, in words.
    private(set) var parts: [String: Part] = [:]
    /// The tables of relationships that are not the same from both ends.
    private(set) var torn: Set<String> = []

    /// - Parameter query: runs a statement and gives its rows.
    init(_ catalog: TableCatalog, query: (String) throws -> [GraphRow]) throws {
        for table in catalog.nodes {
            let hashes = ["hash(offset(id(n)))"] + table.properties.map { Self.hash($0, of: "n") }
            let sums = "count(*), \(Self.sum("hash([\(hashes.joined(separator: ", "))])"))"
            parts["the nodes \(table.name)"] = try Self.part(query("MATCH (n:\(table.quoted)) RETURN \(sums)"))
        }
        for table in catalog.relationships {
            let ends = Self.paired("hash(offset(id(a)))", "hash(offset(id(b)))")
            let row = table.properties.reduce(ends) { Self.paired($0, Self.hash($1, of: "l")) }
            let sums = "count(*), \(Self.sum(row)), \(Self.sum(Self.paired(ends, "hash(offset(id(l)))")))"
            // WITH keeps the engine from choosing the end to begin at.
            let forwards = try Self.part(
                query("MATCH (a:\(table.from)) WITH a MATCH (a)-[l:\(table.quoted)]->(b:\(table.to)) RETURN \(sums)"))
            let backwards = try Self.part(
                query("MATCH (b:\(table.to)) WITH b MATCH (b)<-[l:\(table.quoted)]-(a:\(table.from)) RETURN \(sums)"))
            let name = "the relationships \(table.name) from \(table.fromName) to \(table.toName)"
            parts[name + ", read forwards"] = forwards
            parts[name + ", read backwards"] = backwards
            if forwards != backwards { torn.insert(name) }
        }
    }

    /// What is not as it was in `earlier`, in words; empty when all is well. Numbers of relationships may be other ones.
    func differences(from earlier: DatabaseDigest) -> [String] {
        let changed = parts.keys.filter { name in
            guard let now = parts[name], let before = earlier.parts[name] else { return true }
            return now.count != before.count || now.rows != before.rows
        }
        let lost = earlier.parts.keys.filter { parts[$0] == nil }
        return (changed + lost + torn.subtracting(earlier.torn)).sorted()
    }

    /// As a text: LadybugDB's sums are of a type with which the client can't do anything.
    private static func sum(_ hash: String) -> String { "cast(sum(\(hash)) AS STRING)" }

    /// One hash of two, which stand in this order. For relationships, of which a list costs twice as much: the engine makes one vector of
    /// lists for each node.
    private static func paired(_ first: String, _ second: String) -> String {
        let modulus = "cast(2147483647 AS UINT64)"
        return "hash((\(first)) % \(modulus) * cast(4294967291 AS UINT64) + (\(second)) % \(modulus))"
    }

    private static func hash(_ property: TableCatalog.Property, of variable: String) -> String {
        let value = "\(variable).\(TableCatalog.quoted(property.name))"
        // The engine's hash of a NULL among these is whatever its memory holds.
        let isNested = ["STRUCT", "MAP", "UNION"].contains { property.type.contains($0) }
        return isNested ? "hash(cast(\(value) AS STRING))" : "hash(\(value))"
    }

    private static func part(_ rows: [GraphRow]) throws -> Part {
        guard let values = rows.first?.values, values.count >= 2 else {
            throw GraphError.unexpectedResult("A digest has no row.")
        }
        return Part(count: values[0], rows: values[1], numbers: values.count > 2 ? values[2] : .null)
    }
}
