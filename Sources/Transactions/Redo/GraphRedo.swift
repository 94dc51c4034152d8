import GraphClient

/// A writing statement of a decided unit, to be run again when the graph does not have it.
struct GraphRedo: Codable, Hashable, Sendable {
    var text: String
    var parameters: [GraphField]
    var digest: ResultDigest

    /// - Parameter digest: of nothing, for a statement that returns nothing.
    init(_ text: String, _ parameters: GraphParameters, digest: ResultDigest = ResultDigest()) {
        self.text = text
        self.parameters = parameters.entries
        self.digest = digest
    }

    var boundParameters: GraphParameters {
        GraphParameters(parameters)
    }
}

/// What a statement returned, in short: to see that its repetition does the same.
struct ResultDigest: Codable, Hashable, Sendable {
    var rows: Int
    /// The sum of the rows' hashes, so that their order doesn't matter.
    var sum: UInt64

    /// Of a statement that returned nothing.
    init() {
        rows = 0
        sum = 0
    }

    /// Of a statement that returned one number.
    init(number: Int64) {
        var hash = FNV1a()
        hash.add(GraphValue.int64(number))
        rows = 1
        sum = hash.value
    }

    init(_ result: GraphResult) {
        rows = result.count
        sum = result.reduce(into: 0) { sum, row in
            var hash = FNV1a()
            for value in row.values { hash.add(value) }
            sum &+= hash.value
        }
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo: draft-eastlake-fnv). Swift's own hash differs from process to process.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        value = (value ^ 0xFF) &* 0x0000_0100_0000_01B3
    }

    /// The engine's own identifiers are left out: they may be others next time.
    mutating func add(_ graphValue: GraphValue) {
        switch graphValue {
        case .internalID: break
        case .node(let node):
            add(node.label)
            for field in node.properties { add(field) }
        case .relationship(let relationship):
            add(relationship.label)
            for field in relationship.properties { add(field) }
        case .path(let path):
            for node in path.nodes { add(.node(node)) }
            for relationship in path.relationships { add(.relationship(relationship)) }
        case .list(let values), .array(let values):
            for value in values { add(value) }
        case .structure(let fields):
            for field in fields { add(field) }
        case .map(let entries):
            for entry in entries {
                add(entry.key)
                add(entry.value)
            }
        case .union(let inner): add(inner)
        default: add("\(graphValue.typeName) \(graphValue)")
        }
    }

    private mutating func add(_ field: GraphField) {
        add(field.name)
        add(field.value)
    }
}
