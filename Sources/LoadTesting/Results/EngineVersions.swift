import GraphClient

/// The versions of what was measured.
package struct EngineVersions: Sendable, Codable, Hashable {
    /// Of a store that is not used.
    private static let none = "none"

    package var sqlite: String
    /// Nil where the graph is the other engine's.
    package var kuzu: String?
    package var ladybug: String?
    package var redis: String

    package init(sqlite: String, kuzu: String, redis: String) {
        self.sqlite = sqlite
        self.kuzu = kuzu
        self.redis = redis
    }

    /// Nil for a store that is not used.
    init(sqlite: String?, graph: GraphEngine?, redis: String?) {
        self.init(
            sqlite: sqlite ?? Self.none, kind: graph?.kind ?? .kuzu, version: graph?.version ?? Self.none,
            redis: redis ?? Self.none)
    }

    package init(sqlite: String, kind: GraphEngine.Kind, version: String, redis: String) {
        self.sqlite = sqlite
        self.redis = redis
        switch kind {
        case .kuzu: kuzu = version
        case .ladybug: ladybug = version
        }
    }

    /// Each with its name as its makers write it, and as documents do.
    package var listed: [(name: String, key: String, version: String)] {
        let graphs: [(GraphEngine.Kind, String?)] = [(.kuzu, kuzu), (.ladybug, ladybug)]
        let graph = graphs.compactMap { kind, version in version.map { (kind.displayName, kind.rawValue, $0) } }
        return [("SQLite", "sqlite", sqlite)] + graph + [("Redis", "redis", redis)]
    }

    /// By their names in documents.
    package var named: [String: String] {
        Dictionary(uniqueKeysWithValues: listed.map { ($0.key, $0.version) })
    }
}
