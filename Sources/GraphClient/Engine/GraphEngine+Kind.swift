import CGraphEngine
import Foundation

extension GraphEngine {
    /// The engines that share the C interface.
    public enum Kind: String, Sendable, CaseIterable {
        /// Kùzu 0.11, the last upstream release.
        case kuzu
        /// LadybugDB 0.22, which continues Kùzu.
        case ladybug

        /// The name as its makers write it.
        public var displayName: String {
            switch self {
            case .kuzu: "Kùzu"
            case .ladybug: "LadybugDB"
            }
        }

        /// The environment variable that names the library's path.
        public var environmentVariable: String {
            switch self {
            case .kuzu: "TRIVET_KUZU_LIBRARY"
            case .ladybug: "TRIVET_LADYBUG_LIBRARY"
            }
        }

        /// The engine of new databases for those who name none: LadybugDB, for reasons given with figures in
        /// `Documentation/graph-engine-choice.md`.
        public static let standard = Kind.ladybug

        /// The engine for those who name none: the one that the environment variable `TRIVET_GRAPH_ENGINE` names, without it
        /// the ``standard`` one.
        /// - Throws: ``GraphError/misuse(_:)`` where the variable names none that there is.
        public static func preferred() throws -> Kind { try chosen() ?? standard }

        /// The engine that the environment variable `TRIVET_GRAPH_ENGINE` names; nil where it names none.
        static func chosen(in environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Kind? {
            guard let name = environment[choice], !name.isEmpty else { return nil }
            guard let kind = Kind(rawValue: name) else {
                let known = allCases.map(\.rawValue).joined(separator: " or ")
                throw GraphError.misuse(
                    "The environment variable \(choice) is \"\(name)\"; set it to \(known), or not at all.")
            }
            return kind
        }

        /// The environment variable that names an engine.
        package static let choice = "TRIVET_GRAPH_ENGINE"

        /// What its library's file is called, between `lib` and the suffix.
        var libraryName: String {
            switch self {
            case .kuzu: "kuzu"
            case .ladybug: "lbug"
            }
        }

        /// What a database of it begins with.
        var magic: String {
            switch self {
            case .kuzu: "KUZU"
            case .ladybug: "LBUG"
            }
        }

        /// Versions whose interface is the one declared in CGraphEngine: a leading part of the version text.
        var supportedVersions: String {
            switch self {
            case .kuzu: "0.11."
            case .ladybug: "0.22."
            }
        }

        var c: graph_engine_kind {
            switch self {
            case .kuzu: GRAPH_ENGINE_KUZU
            case .ladybug: GRAPH_ENGINE_LADYBUG
            }
        }
    }
}
