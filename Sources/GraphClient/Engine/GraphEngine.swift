import CGraphEngine
import Synchronization

/// A graph engine's library, loaded into the process.
///
/// Loading happens once for each path; the library stays loaded until the process ends, since its worker threads
/// outlive any moment at which unloading would be safe. Both engines can be loaded side by side. Safe to use from any task.
public final class GraphEngine: Sendable {
    /// Which engine it is.
    public let kind: Kind
    /// Where the library was loaded from.
    public let path: String
    /// The version that the library reports, such as "0.11.3".
    public let version: String
    /// The version of the storage format that it reads and writes.
    public let storageVersion: UInt64
    /// What it does that the others don't.
    let capabilities: EngineCapabilities
    /// What `graph_engine_open` needs.
    let table: graph_engine
    /// The library's functions. Call them through this property, not through a copy: the table has some 800 bytes.
    package let functions: graph_engine_functions
    /// Those that only some engines have.
    let extras: graph_engine_extras

    private init(kind: Kind, path: String, version: String, storageVersion: UInt64, table: graph_engine) {
        self.kind = kind
        self.path = path
        self.version = version
        self.storageVersion = storageVersion
        capabilities = kind.capabilities
        self.table = table
        functions = table.functions
        extras = table.extras
    }

    /// The engine's library, from the first place that has one: the environment variable, the folder that
    /// `scripts/bootstrap` installs to, then the system's places.
    ///
    /// Reads a file and runs its initialisers: some milliseconds the first time, nothing after.
    /// - Parameter kind: which engine; by default what ``Kind/preferred()`` says.
    /// - Throws: ``GraphError/engineNotFound(kind:searched:)`` or ``GraphError/engineUnusable(path:reason:)``; without `kind` also what
    ///   ``Kind/preferred()`` throws.
    public static func load(_ kind: Kind? = nil) throws -> GraphEngine {
        let kind = try kind ?? Kind.preferred()
        return try load(kind, at: GraphEngineLocator().locate(kind))
    }

    /// The engine for a database that may be there already, whose maker alone can open it: an engine that is named counts before
    /// the one that made the database, and that before the ``Kind/standard`` one.
    ///
    /// - Parameters:
    ///   - path: the database's file.
    ///   - kind: which engine; nil for what the environment variable `TRIVET_GRAPH_ENGINE` names, if it does.
    /// - Throws: what ``load(_:)`` throws.
    public static func load(forDatabaseAt path: String, _ kind: Kind? = nil) throws -> GraphEngine {
        try load(kind ?? Kind.chosen() ?? GraphDatabase.maker(ofDatabaseAt: path))
    }

    /// The engine's library at `path`, which may be a bare file name for the system's loader to find.
    /// - Throws: ``GraphError/engineUnusable(path:reason:)``.
    public static func load(_ kind: Kind, at path: String) throws -> GraphEngine {
        try loaded.withLock { engines in
            // By its kind too: a library that is taken for another engine's is refused, whatever was loaded before.
            let place = Place(kind: kind, path: path)
            if let engine = engines[place] { return engine }
            let engine = try open(kind, at: path)
            engines[place] = engine
            return engine
        }
    }

    private struct Place: Hashable {
        var kind: Kind
        var path: String
    }

    private static let loaded = Mutex<[Place: GraphEngine]>([:])

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

    static func withErrorText(
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
