import CGraphEngine
import Synchronization

/// A graph engine's library, loaded into the process.
///
/// Loading happens once for each path; the library stays loaded until the process ends, since its worker threads
/// outlive any moment at which unloading would be safe. Safe to use from any task.
public final class GraphEngine: Sendable {
    /// The engines that share the C interface.
    public enum Kind: String, Sendable, CaseIterable {
        /// Kùzu 0.11, the last upstream release.
        case kuzu

        /// The name as its makers write it.
        public var displayName: String {
            switch self {
            case .kuzu: "Kùzu"
            }
        }

        /// The environment variable that names the library's path.
        public var environmentVariable: String {
            switch self {
            case .kuzu: "TRIVET_KUZU_LIBRARY"
            }
        }

        var c: graph_engine_kind {
            switch self {
            case .kuzu: GRAPH_ENGINE_KUZU
            }
        }

        /// Versions whose interface is the one declared in CGraphEngine: a leading part of the version text.
        var supportedVersions: String {
            switch self {
            case .kuzu: "0.11."
            }
        }
    }

    /// Which engine it is.
    public let kind: Kind
    /// Where the library was loaded from.
    public let path: String
    /// The version that the library reports, such as "0.11.3".
    public let version: String
    /// The version of the storage format that it reads and writes.
    public let storageVersion: UInt64
    /// What `graph_engine_open` needs.
    let table: graph_engine
    /// The library's functions. Call them through this property, not through a copy: the table has some 800 bytes.
    package let functions: graph_engine_functions

    private init(kind: Kind, path: String, version: String, storageVersion: UInt64, table: graph_engine) {
        self.kind = kind
        self.path = path
        self.version = version
        self.storageVersion = storageVersion
        self.table = table
        functions = table.functions
    }

    /// The engine's library, from the first place that has one: the environment variable, the folder that
    /// `scripts/bootstrap` installs to, then the system's places.
    ///
    /// Reads a file and runs its initialisers: some milliseconds the first time, nothing after.
    /// - Throws: ``GraphError/engineNotFound(kind:searched:)`` or ``GraphError/engineUnusable(path:reason:)``.
    public static func load(_ kind: Kind = .kuzu) throws -> GraphEngine {
        try load(kind, at: GraphEngineLocator().locate(kind))
    }

    /// The engine's library at `path`, which may be a bare file name for the system's loader to find.
    /// - Throws: ``GraphError/engineUnusable(path:reason:)``.
    public static func load(_ kind: Kind, at path: String) throws -> GraphEngine {
        try loaded.withLock { engines in
            if let engine = engines[path] { return engine }
            let engine = try open(kind, at: path)
            engines[path] = engine
            return engine
        }
    }

    private static let loaded = Mutex<[String: GraphEngine]>([:])

    private static func open(_ kind: Kind, at path: String) throws -> GraphEngine {
        // The version is asked before the table is filled: a library of another version may lack functions, and its
        // version says more than the name of the first one missing.
        let version = try probeVersion(kind, at: path)
        guard version.hasPrefix(kind.supportedVersions) else {
            throw GraphError.engineUnusable(
                path: path,
                reason: """
                    it is \(kind.displayName) \(version), and Trivet needs \(kind.supportedVersions)x. \
                    Run scripts/bootstrap, or set \(kind.environmentVariable) to a library of that version.
                    """)
        }
        let memory = UnsafeMutablePointer<graph_engine>.allocate(capacity: 1)
        defer { memory.deallocate() }
        try withErrorText { text, size in
            graph_engine_load(path, kind.c, memory, text, size)
        } failed: { status, text in
            GraphError.engineUnusable(path: path, reason: status == 1 ? text : "it lacks the function \(text).")
        }
        let table = memory.pointee
        return GraphEngine(
            kind: kind, path: path, version: version, storageVersion: table.functions.get_storage_version(),
            table: table)
    }

    private static func probeVersion(_ kind: Kind, at path: String) throws -> String {
        var version = [CChar](repeating: 0, count: 64)
        try withErrorText { text, size in
            graph_engine_version(path, kind.c, &version, version.count, text, size)
        } failed: { status, text in
            GraphError.engineUnusable(
                path: path,
                reason: status == 1 ? text : "it is not a \(kind.displayName) library: it lacks the function \(text).")
        }
        return String(decoding: version.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func withErrorText(
        _ call: (UnsafeMutablePointer<CChar>, Int) -> CInt, failed: (CInt, String) -> GraphError
    ) throws {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            buffer.initialize(repeating: 0)
            guard let text = buffer.baseAddress else { return }
            let status = call(text, buffer.count)
            if status != 0 { throw failed(status, String(cString: text)) }
        }
    }
}
